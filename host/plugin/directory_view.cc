// SPDX-License-Identifier: Apache-2.0
#include "plugin/directory_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "plugin/signature.h"

namespace eddy::host {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_plugin_name(std::string_view name) { return name.size() > 3 && name.front() != '.' && name.ends_with(".so"); }

std::optional<SignatureStamp> signature_stamp(int directory, const std::string& name) {
  struct stat status;
  if (::fstatat(directory, (name + std::string(kSignatureSuffix)).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return SignatureStamp{.size = static_cast<std::uint64_t>(status.st_size),
                        .mtime_ns = nanoseconds(status.st_mtim),
                        .inode = status.st_ino,
                        .ctime_ns = nanoseconds(status.st_ctim)};
}

std::optional<FileStamp> stamp_of(int directory, const std::string& path, const char* name) {
  struct stat status;
  if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return FileStamp{.path = path,
                   .size = static_cast<std::uint64_t>(status.st_size),
                   .mtime_ns = nanoseconds(status.st_mtim),
                   .inode = status.st_ino,
                   .ctime_ns = nanoseconds(status.st_ctim),
                   .signature = signature_stamp(directory, name)};
}

Error directory_error(const std::string& directory) {
  return Error{Code::kUnavailable, "plugin directory " + directory + ": expected to list it, found " +
                                       std::generic_category().message(errno) + "; what is loaded stays"};
}

}  // namespace

std::string_view DirectoryView::plugin_of(std::string_view name) {
  if (name.ends_with(kSignatureSuffix)) name.remove_suffix(kSignatureSuffix.size());
  return is_plugin_name(name) ? name : std::string_view();
}

void DirectoryView::touch(const std::string& name, Time now) {
  const std::string_view plugin = plugin_of(name);
  if (plugin.empty()) return;
  File& file = files_[std::string(plugin)];
  file.changed = now;
  file.unsettled = true;
}

void DirectoryView::observe(File& file, const std::optional<FileStamp>& stamp, Time now) {
  if (file.seen != stamp) {
    file.seen = stamp;
    file.changed = now;
    file.unsettled = true;
  }
  if (first_ || now - file.changed >= debounce_) {
    file.settled = stamp;
    file.unsettled = false;
  }
}

Result<std::vector<FileStamp>> DirectoryView::list(Time now) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(directory_.c_str()));
  if (!directory) {
    // Nothing will settle before the directory is back, and then the stamps tell what changed.
    for (auto& [name, file] : files_) file.unsettled = false;
    return directory_error(directory_);
  }
  std::map<std::string, FileStamp> seen;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (is_plugin_name(entry->d_name)) {
      const auto stamp = stamp_of(::dirfd(directory.get()), directory_ + "/" + entry->d_name, entry->d_name);
      if (stamp) seen.emplace(entry->d_name, *stamp);
    }
    errno = 0;
  }
  if (errno != 0) return directory_error(directory_);
  for (const auto& [name, stamp] : seen) files_.try_emplace(name);
  std::vector<FileStamp> listing;
  for (auto it = files_.begin(); it != files_.end();) {
    const auto stamp = seen.find(it->first);
    observe(it->second, stamp == seen.end() ? std::nullopt : std::optional(stamp->second), now);
    if (it->second.settled) listing.push_back(*it->second.settled);
    const bool gone = stamp == seen.end() && !it->second.unsettled;
    it = gone ? files_.erase(it) : std::next(it);
  }
  first_ = false;
  return listing;
}

std::optional<DirectoryView::Time> DirectoryView::next_settled() const {
  std::optional<Time> next;
  for (const auto& [name, file] : files_) {
    if (!file.unsettled) continue;
    const Time settled = file.changed + debounce_;
    if (!next || settled < *next) next = settled;
  }
  return next;
}

}  // namespace eddy::host
