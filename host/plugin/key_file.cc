// SPDX-License-Identifier: Apache-2.0
#include "plugin/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/write_all.h"
#include "plugin/content.h"
#include "plugin/place.h"

namespace eddy::host {

namespace {

constexpr FileShape kKeyShape{4096, "a key", "at most 4096 bytes", "give the file that eddy plugin keygen has made"};
constexpr mode_t kForOwner = 0600;
constexpr mode_t kForAll = 0644;

Error write_error(const std::string& path) {
  return Error{Code::kUnavailable, path + ": cannot be written: " + std::generic_category().message(errno)};
}

// The mode is set once more on the descriptor: a umask must neither add to it nor take from it.
bool fill(int fd, std::string_view text, mode_t mode) {
  return ::fchmod(fd, mode) == 0 && write_all(fd, text) && ::fsync(fd) == 0;
}

Result<void> write_new(const std::string& path, std::string_view text, mode_t mode) {
  const FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.valid() && errno == EEXIST) {
    return Error{Code::kRefused, path + ": expected no file of this name, found one; a key is never overwritten: " +
                                     "choose another name, or move it away"};
  }
  if (!fd.valid()) return write_error(path);
  if (fill(fd.get(), text, mode)) return {};
  Error error = write_error(path);
  ::unlink(path.c_str());
  return error;
}

Result<std::string> read_text(const FileDescriptor& fd, const std::string& path) {
  Result<std::string> text = read_content(fd);
  if (!text) return in_context(path, text.take_error());
  return text;
}

Result<void> check_secrecy(const FileDescriptor& fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd.get(), &status) != 0)
    return Error{Code::kUnavailable, path + ": " + std::generic_category().message(errno)};
  if ((status.st_mode & 077) == 0) return {};
  char mode[16];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return Error{Code::kRefused, path + ": expected a key that only its owner can read, found mode " + mode +
                                   "; chmod 600 " + path + ", and make another one if somebody may have read it"};
}

}  // namespace

Result<PublicKey> read_public_key(const std::string& path, bool any_owner) {
  Result<FileDescriptor> fd = any_owner ? open_in_place(path, true, kKeyShape) : open_in_hands(path, kKeyShape);
  if (!fd) return in_context(path, fd.take_error());
  EDDY_ASSIGN(const std::string text, read_text(*fd, path));
  Result<PublicKey> key = parse_public_key(text);
  if (!key) return in_context(path, key.take_error());
  return key;
}

Result<SecretKey> read_secret_key(const std::string& path) {
  Result<FileDescriptor> fd = open_in_place(path, true, kKeyShape);
  if (!fd) return in_context(path, fd.take_error());
  EDDY_TRY(check_secrecy(*fd, path));
  EDDY_ASSIGN(std::string text, read_text(*fd, path));
  Result<SecretKey> key = SecretKey::parse(text);
  sodium_memzero(text.data(), text.size());
  if (!key) return in_context(path, key.take_error());
  return key;
}

Result<void> write_key_pair(const std::string& base, const SecretKey& key) {
  std::string text = key.text() + "\n";
  const Result<void> secret = write_new(base + ".key", text, kForOwner);
  sodium_memzero(text.data(), text.size());
  if (!secret) return secret.error();
  const Result<void> open = write_new(base + ".pub", key.public_key().text() + "\n", kForAll);
  if (!open) ::unlink((base + ".key").c_str());
  return open;
}

Result<void> write_signature(const std::string& plugin, const Signature& signature) {
  const std::string path = plugin + std::string(kSignatureSuffix);
  const std::size_t name = path.rfind('/') + 1;  // 0 when there is none
  // A dot file, which no host looks at.
  std::string aside = path.substr(0, name) + "." + path.substr(name) + ".XXXXXX";
  const FileDescriptor fd(::mkostemp(aside.data(), O_CLOEXEC));
  if (!fd.valid()) return write_error(path);
  if (fill(fd.get(), signature.text(), kForAll) && ::rename(aside.c_str(), path.c_str()) == 0) return {};
  Error error = write_error(path);
  ::unlink(aside.c_str());
  return error;
}

}  // namespace eddy::host
