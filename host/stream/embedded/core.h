// SPDX-License-Identifier: Apache-2.0
// What the parts of one open store share. Sessions and browsers keep it alive.
#pragma once

#include <memory>

#include "stream/embedded/catalog.h"
#include "stream/embedded/commit_queue.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/host_lock.h"
#include "stream/embedded/wake_file.h"

namespace eddy::host::embedded {

// Thread-safe: what is below takes care of itself, the rest does not change after open.
struct Core {
  EmbeddedOptions options;
  HostLock lock;
  WakeFile wake;
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<CommitQueue> queue;
};

}  // namespace eddy::host::embedded
