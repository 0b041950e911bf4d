// SPDX-License-Identifier: Apache-2.0
// Tells when the plugin directory may have changed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/registry.h"

namespace eddy::host {

struct WatcherOptions {
  std::chrono::milliseconds debounce{200};
  std::chrono::milliseconds rescan{5000};
};

// inotify is only a hint, debounced 200 ms; a rescan every few seconds is the truth (network file systems send no
// events). Not thread-safe, wake() excepted.
class Watcher {
 public:
  static Result<std::unique_ptr<Watcher>> open(const std::string& directory, WatcherOptions options = {});
  ~Watcher();

  // Waits for a settled change, for the rescan interval or for wake(); then lists the directory, names in byte order,
  // names ending in ".so" only, dot files left out. A file that changed within the debounce time is left as it was
  // listed before (it may still be being written). Links and directories are listed too: their refusal is to be told.
  // kUnavailable when the directory cannot be read: what is loaded then stays.
  Result<std::vector<FileStamp>> wait(std::chrono::milliseconds at_most);
  // The listing alone, at once. The first one takes every file as settled.
  Result<std::vector<FileStamp>> list();
  void wake();  // [any thread]

 private:
  Watcher();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
