// SPDX-License-Identifier: Apache-2.0
// One loaded copy of a plugin: mapped until the process ends. Or, where worker processes alone call it, only what it
// declares and the file that they load.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "guard/guard.h"
#include "plugin/manifest.h"

namespace eddy::host {

// Immutable once published, `poisoned` excepted. Images are never unmapped: what a plugin leaves behind (threads, keys,
// handlers, thread-local destructors) would crash later. A generation costs 26 KiB.
struct Image {
  PluginIdentity identity;
  std::uint64_t generation = 0;  // 1 for the first image of this process, and so on; unique
  CodeRange code;                // its executable range; empty: not mapped in this process
  Manifest manifest;
  std::uint16_t abi_major = 0, abi_minor_required = 0;  // as its note says
  std::string mapped_path;                              // the private copy

  // Set after a fault: no code of this image is called again.
  mutable std::atomic<bool> poisoned{false};

  bool in_host() const { return !code.empty(); }
  const FunctionDecl* function(std::string_view name) const;
};

using ImagePtr = std::shared_ptr<const Image>;

}  // namespace eddy::host
