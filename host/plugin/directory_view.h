// SPDX-License-Identifier: Apache-2.0
// What the plugin directory holds, and since when each file has been at rest.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/registry.h"

namespace eddy::host {

// Time is given, not taken, so that the rules can be tested without waiting.
class DirectoryView {
 public:
  using Time = std::chrono::steady_clock::time_point;

  DirectoryView(std::string directory, std::chrono::milliseconds debounce)
      : directory_(std::move(directory)), debounce_(debounce) {}

  // Something happened to this name, a plugin's or its signature's.
  void touch(const std::string& name, Time now);

  // Looks at the directory and returns what is settled, in byte order: a file that changed within the debounce time
  // stands as it was settled before, or not at all when it is new. Going away is a change like any other, as many tools
  // replace a file by removing it first.
  Result<std::vector<FileStamp>> list(Time now);

  // When the first unsettled file will have settled; none: all are.
  std::optional<Time> next_settled() const;

  // The plugin that a name belongs to, "a.so" for "a.so" and "a.so.sig"; empty: none.
  static std::string_view plugin_of(std::string_view name);

 private:
  struct File {
    std::optional<FileStamp> seen;     // as of the last look
    std::optional<FileStamp> settled;  // as listed
    Time changed{};
    bool unsettled = false;
  };

  void observe(File& file, const std::optional<FileStamp>& stamp, Time now);

  std::string directory_;
  std::chrono::milliseconds debounce_;
  std::map<std::string, File> files_;
  bool first_ = true;
};

}  // namespace eddy::host
