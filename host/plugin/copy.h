// SPDX-License-Identifier: Apache-2.0
// Step "copy": the file that is really loaded. The loader of the system knows files by path and inode, so each image
// gets a path of its own, which nobody replaces under it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "plugin/manifest.h"

namespace eddy::host {

// <state_dir>/plugins/<process>/<sha12>-<generation>/<plugin>.so, mode 0500, in directories of mode 0700. The file
// bears the plugin's name because that is what stack traces and debuggers show. The process holds a lock on its own
// directory until it ends; a directory whose lock is free belongs to a process that is gone. Copies stay while the
// process lives: debuggers, symbolising and worker processes read them.
class PrivateCopies {
 public:
  explicit PrivateCopies(std::string state_dir) : root_(std::move(state_dir) + "/plugins") {}

  // Removes the directories of processes that are gone. Best effort: what cannot be removed harms nobody.
  void clean_up() const;

  // Writes a copy and returns its path.
  Result<std::string> write(std::string_view bytes, const PluginIdentity& identity, std::uint64_t generation);

 private:
  Result<void> open_directory();

  std::string root_;
  std::string directory_;  // this process's; made with the first copy
};

}  // namespace eddy::host
