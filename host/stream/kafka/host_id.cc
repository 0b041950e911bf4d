// SPDX-License-Identifier: Apache-2.0
// The file "host_id" in the data directory.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "stream/kafka/kafka.h"

namespace eddy::host {

namespace {

constexpr std::size_t kLongest = 64;

bool legal(std::string_view id) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !id.empty() && id.size() <= kLongest && std::ranges::all_of(id, fits);
}

Error unusable(const std::string& path, std::string_view why) {
  return {Code::kConfig, fmt::format("{}: {}: expected a directory that can be read and written", path, why)};
}

// A whole file or none, also when several processes begin at once: the first wins.
Result<void> make(const std::string& path) {
  std::random_device random;
  const std::string id = fmt::format("{:08x}{:08x}\n", random(), random());
  std::string draft = path + ".XXXXXX";
  const int file = ::mkstemp(draft.data());
  if (file < 0) return unusable(path, std::strerror(errno));
  const bool written = ::write(file, id.data(), id.size()) == static_cast<ssize_t>(id.size()) && ::fsync(file) == 0;
  const int failed = errno;
  ::close(file);
  const bool placed = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int refused = errno;
  ::unlink(draft.c_str());
  if (!placed) return unusable(path, std::strerror(written ? refused : failed));
  return {};
}

}  // namespace

Result<std::string> host_id(const std::string& data_dir) {
  const std::string path = data_dir + "/host_id";
  if (::access(path.c_str(), F_OK) != 0) EDDY_TRY(make(path));
  std::ifstream file(path);
  std::string id;
  if (!std::getline(file, id)) return unusable(path, "cannot be read");
  if (legal(id)) return id;
  return Error{Code::kCorrupt,
               fmt::format("{}: expected 1 to {} letters, digits and '-', found \"{}\"; put the host's former "
                           "id there, or remove the file when no other process runs with it",
                           path, kLongest, id.substr(0, kLongest))};
}

}  // namespace eddy::host
