// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "base/encoding.h"
#include "base/file_descriptor.h"
#include "base/hash.h"
#include "base/write_all.h"
#include "settings/glob.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr mode_t kMode = 0600;

Error failed(const std::string& path, const char* what) {
  return {Code::kUnavailable, "audit log " + path + ": cannot be " + what + ": " + std::strerror(errno)};
}

std::string new_id() {
  std::array<char, 8> random{};
  randombytes_buf(random.data(), random.size());
  return to_hex(std::string_view(random.data(), random.size()));
}

std::string line_of(const AuditEntry& entry, const std::string& id, std::int64_t now_us) {
  Json json{{"at", to_rfc3339(now_us)},
            {"id", id},
            {"who", entry.who},
            {"from", entry.from},
            {"action", entry.action},
            {"parameters", entry.parameters},
            {"outcome", outcome_name(entry.outcome)},
            {"status", entry.status == 0 ? Json() : Json(entry.status)},
            {"result", entry.result}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Held while a line is written or files are renamed; a process that dies lets go of it.
Result<FileDescriptor> lock(const std::string& folder) {
  const std::string path = folder + "/audit.lock";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  if (!file.valid()) return failed(path, "opened");
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return failed(path, "locked");
  }
  return file;
}

// True when a crash has left the last line without its end.
bool is_cut(int fd, off_t size) {
  char last = '\n';
  return size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

std::string text_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

bool wanted(const Json& entry, const AuditFilter& filter) {
  if (!filter.who.empty() && text_of(entry, "who") != filter.who) return false;
  return filter.action.empty() || glob_match(filter.action, text_of(entry, "action"));
}

}  // namespace

std::string_view outcome_name(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kAsked:
      return "asked";
    case AuditOutcome::kDone:
      return "done";
    case AuditOutcome::kFailed:
      return "failed";
    case AuditOutcome::kRefused:
      break;
  }
  return "refused";
}

std::string AuditLog::path(std::uint32_t number) const {
  return number == 0 ? path() : path() + "." + std::to_string(number);
}

Result<void> AuditLog::rotate() const {
  for (std::uint32_t number = options_.files; number > 0; --number) {
    if (::rename(path(number - 1).c_str(), path(number).c_str()) != 0 && errno != ENOENT) {
      return failed(path(number - 1), "renamed");
    }
  }
  return {};
}

Result<std::string> AuditLog::append(const AuditEntry& entry, std::int64_t now_us) const {
  const std::string id = entry.id.empty() ? new_id() : entry.id;
  EDDY_ASSIGN(const FileDescriptor locked, lock(folder_));
  struct stat now {};
  if (::stat(path().c_str(), &now) == 0 && static_cast<std::uint64_t>(now.st_size) >= options_.max_bytes) {
    EDDY_TRY(rotate());
  }
  const FileDescriptor file(::open(path().c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  if (!file.valid() || ::fstat(file.get(), &now) != 0) return failed(path(), "opened");
  const std::string line = (is_cut(file.get(), now.st_size) ? "\n" : "") + line_of(entry, id, now_us);
  if (!write_all(file.get(), line) || ::fdatasync(file.get()) != 0) return failed(path(), "written");
  return id;
}

// The newest first, and as of now: files that are renamed meanwhile would be read twice or not at all.
Result<std::vector<BackwardLines>> AuditLog::open_all() const {
  EDDY_ASSIGN(const FileDescriptor locked, lock(folder_));
  std::vector<BackwardLines> files;
  for (std::uint32_t number = 0; number <= options_.files; ++number) {
    EDDY_ASSIGN(BackwardLines lines, BackwardLines::open(path(number)));
    files.push_back(std::move(lines));
  }
  return files;
}

Result<std::vector<Json>> AuditLog::read(const AuditFilter& filter) const {
  std::vector<Json> entries;
  std::unordered_set<std::string> ended;
  EDDY_ASSIGN(auto files, open_all());
  for (BackwardLines& lines : files) {
    while (entries.size() < filter.limit) {
      EDDY_ASSIGN(const auto line, lines.next());
      if (!line) break;
      Json entry = Json::parse(*line, nullptr, false);
      if (!entry.is_object()) continue;
      const std::string at = text_of(entry, "at"), id = text_of(entry, "id");
      if (at.empty() || id.empty()) continue;
      // Entries are in the order of their times, but for a clock that was set back.
      if (filter.since_us && from_rfc3339(at).value_or(0) < *filter.since_us) continue;
      if (!ended.insert(id).second) continue;
      if (!filter.before.empty() && at >= filter.before) continue;
      if (wanted(entry, filter)) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

}  // namespace eddy::host
