// SPDX-License-Identifier: Apache-2.0
// The zoo's files, directories to put them into, and a host for them to call.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/sanitizers.h"
#include "eddy/abi.h"
#include "guard/guard.h"
#include "plugin/loader.h"
#include "plugin/registry.h"

namespace eddy::host {

namespace fs = std::filesystem;

inline std::string zoo(const std::string& fault) {
  return std::string(EDDY_BAD_PLUGIN_DIR) + "/" + fault + "/" + fault + ".so";
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TempDir {
 public:
  TempDir() {
    std::string pattern = testing::TempDir() + "eddy-plugin-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Writes a file with the mode that installed plugins have, whole and under its name at once.
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::string aside = path_ + "/." + name + ".new";
    std::ofstream(aside, std::ios::binary) << bytes;
    ::chmod(aside.c_str(), 0755);
    fs::rename(aside, path_ + "/" + name);
    return path_ + "/" + name;
  }
  std::string put(const std::string& fault, const std::string& name) const { return write(name, bytes_of(zoo(fault))); }
  std::string put(const std::string& fault) const { return put(fault, fault + ".so"); }

 private:
  std::string path_;
};

// What an eddy_call is in these tests.
struct FakeCall {
  std::vector<std::string> outputs;
  std::string error_type;
  std::string error_message;
  eddy_call* handle() { return reinterpret_cast<eddy_call*>(this); }
};

inline const eddy_host* fake_host() {
  static const eddy_host host = [] {
    eddy_host table{};
    table.struct_size = sizeof table;
    table.abi_major = EDDY_ABI_MAJOR;
    table.abi_minor = EDDY_ABI_MINOR;
    table.emit = [](eddy_call* call, const eddy_output* output) -> std::uint32_t {
      reinterpret_cast<FakeCall*>(call)->outputs.emplace_back(output->value.data, output->value.size);
      return EDDY_OK;
    };
    table.fail = [](eddy_call* call, std::uint32_t, eddy_str type, eddy_str message) {
      reinterpret_cast<FakeCall*>(call)->error_type = std::string(type.data, type.size);
      reinterpret_cast<FakeCall*>(call)->error_message = std::string(message.data, message.size);
    };
    return table;
  }();
  return &host;
}

// `timeout_ms`: for entry and describe. Short only for plugins that hang on purpose: a good one may have to wait for
// the processor.
inline LoaderOptions loader_options(const TempDir& state, std::uint32_t timeout_ms = 60'000) {
  LoaderOptions options;
  options.state_dir = state.path();
  options.host = fake_host();
  options.timeout_ms = timeout_ms;
  return options;
}

inline std::optional<SignatureStamp> signature_stamp(const std::string& path) {
  struct stat status;
  if (::lstat((path + ".sig").c_str(), &status) != 0) return std::nullopt;
  return SignatureStamp{.size = static_cast<std::uint64_t>(status.st_size),
                        .mtime_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                        .inode = status.st_ino,
                        .ctime_ns = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec};
}

// The directory as the watcher would list it.
inline std::vector<FileStamp> stamps_of(const TempDir& directory) {
  std::vector<FileStamp> stamps;
  for (const auto& entry : fs::directory_iterator(directory.path())) {
    if (entry.path().extension() != ".so") continue;
    struct stat status;
    if (::lstat(entry.path().c_str(), &status) != 0) continue;
    stamps.push_back({.path = entry.path().string(),
                      .size = static_cast<std::uint64_t>(status.st_size),
                      .mtime_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                      .inode = status.st_ino,
                      .ctime_ns = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec,
                      .signature = signature_stamp(entry.path().string())});
  }
  return stamps;
}

}  // namespace eddy::host
