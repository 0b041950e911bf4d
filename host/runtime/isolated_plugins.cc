// SPDX-License-Identifier: Apache-2.0
#include "runtime/isolated_plugins.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace eddy::host {

namespace {
constexpr std::size_t kHashSize = 64;
}

IsolatedPlugins::IsolatedPlugins(std::string path) : path_(std::move(path)) {
  std::ifstream from(path_);
  for (std::string line; std::getline(from, line);) {
    if (line.size() == kHashSize) hashes_.insert(std::move(line));
  }
}

Result<void> IsolatedPlugins::add(const std::string& sha256) {
  if (!hashes_.insert(sha256).second) return {};
  return save();
}

Result<void> IsolatedPlugins::remove(const std::string& sha256) {
  if (hashes_.erase(sha256) == 0) return {};
  return save();
}

Result<void> IsolatedPlugins::save() const {
  const std::string fresh = path_ + ".new";
  {
    std::ofstream to(fresh, std::ios::trunc);
    for (const std::string& hash : hashes_) to << hash << '\n';
    to.flush();
    if (!to) return Error{Code::kUnavailable, fresh + ": cannot be written: " + std::strerror(errno)};
  }
  if (std::rename(fresh.c_str(), path_.c_str()) == 0) return {};
  return Error{Code::kUnavailable, path_ + ": cannot be replaced: " + std::strerror(errno)};
}

}  // namespace eddy::host
