// SPDX-License-Identifier: Apache-2.0
// Tells when the configuration file has other contents.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

struct ConfigWatchOptions {
  std::chrono::milliseconds debounce{200};  // it must have been at rest for so long
  std::chrono::milliseconds rescan{2000};
};

// Events of the file's folder are only a hint; what the path leads to, looked at now and then, is the truth. So a file
// that is replaced, written in place, reached by a link (a Kubernetes ConfigMap swaps one above it) or on a network
// file system is seen alike. A file that is gone, or has its old contents, is no change.
class ConfigWatch {
 public:
  // `on_change` is called on the watch's own thread, once for each change.
  static Result<std::unique_ptr<ConfigWatch>> start(const std::string& path, std::function<void()> on_change,
                                                    ConfigWatchOptions options = {});
  ~ConfigWatch();

 private:
  using Instant = std::chrono::steady_clock::time_point;
  // What tells one state of the file from another without reading it.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t mtime_ns = 0, ctime_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  ConfigWatch(std::string path, std::function<void()> on_change, ConfigWatchOptions options)
      : path_(std::move(path)), on_change_(std::move(on_change)), options_(options) {}
  void loop();
  void wait() const;
  void look();
  Stamp stamp() const;         // all zero: there is no file
  std::string digest() const;  // empty: it cannot be read

  const std::string path_;
  const std::function<void()> on_change_;
  const ConfigWatchOptions options_;
  FileDescriptor events_, stop_;
  Stamp seen_;
  std::string digest_;  // of the contents that were told last
  bool unsettled_ = false;
  Instant changed_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
