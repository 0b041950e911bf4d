// SPDX-License-Identifier: Apache-2.0
#include "settings/letter_keys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/file_descriptor.h"
#include "base/hash.h"
#include "settings/given.h"

namespace eddy::host {

namespace {

constexpr std::size_t kLongestFile = 64 << 10;

Error wrong(const std::string& text) { return Error{Code::kConfig, text}; }

// The text of a file that nobody but its owner may read.
Result<std::string> read_private(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) {
    return wrong("expected a file with keys, found that " + path + " cannot be opened: " + std::strerror(errno));
  }
  if (!S_ISREG(about.st_mode) || (about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return wrong("expected a file that its owner alone may read, found that others may use " + path + "; chmod 600 it");
  }
  std::string text(kLongestFile, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return wrong(path + " cannot be read: " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Keys between blanks, ends of lines and commas; what follows a # is a comment.
Result<std::vector<LetterKeyPtr>> parse_keys(const std::string& text) {
  std::vector<LetterKeyPtr> keys;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::min(line.find('#'), line.size()));
    for (char& c : line) c = c == ',' ? ' ' : c;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      EDDY_ASSIGN(LetterKeyPtr key, LetterKey::parse(word));
      keys.push_back(std::move(key));
    }
  }
  if (keys.empty()) return wrong("expected a key (openssl rand -base64 32), found none");
  return keys;
}

Result<std::vector<LetterKeyPtr>> keys_of(const EncryptionSettings& encryption) {
  if (!encryption.key.empty() && !encryption.key_file.empty()) {
    return wrong("expected key_file or key, found both: which one is meant?");
  }
  if (encryption.key_file.empty()) return parse_keys(encryption.key);
  EDDY_ASSIGN(const std::string text, read_private(encryption.key_file));
  auto keys = parse_keys(text);
  if (!keys) return in_context(encryption.key_file, keys.take_error());
  return keys;
}

}  // namespace

std::string key_source(const EncryptionSettings& encryption) {
  if (!encryption.key_file.empty()) return "file " + encryption.key_file;
  return encryption.key.empty() ? "" : "key " + to_hex(sha256(encryption.key));
}

void read_letter_keys(Settings& settings, Report& report) {
  auto all = std::make_shared<Keyring>();
  for (const Settings::Section& section : settings.queue_sections) {
    const Given* given = find_given(section.given, "encryption.key_file");
    if (given == nullptr) given = find_given(section.given, "encryption.key");
    if (given == nullptr) continue;
    const EncryptionSettings encryption = settings.queue(section.pattern).encryption;
    if (key_source(encryption).empty()) continue;  // taken back for this queue
    auto keys = keys_of(encryption);
    if (!keys) {
      report.add(mark_of(*given), "dead_letter_queues[\"" + section.pattern + "\"].encryption: " + keys.error().text);
      continue;
    }
    settings.writing_keys[key_source(encryption)] = keys->front();
    for (LetterKeyPtr& key : *keys) all->emplace(key->id(), key);
  }
  settings.letter_keys = std::move(all);
}

}  // namespace eddy::host
