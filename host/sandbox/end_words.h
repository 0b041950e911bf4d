// SPDX-License-Identifier: Apache-2.0
// The words in front of each ring. One end alone writes them, the other reads them; both find them at zero.
#pragma once

#include <atomic>
#include <cstdint>

#include "sandbox/shared_memory.h"

namespace eddy::host {

struct EndWords {
  // Bytes since the beginning, never going back: what is complete in this end's ring, and what this end is done with in
  // the other's.
  alignas(64) std::atomic<std::uint64_t> written;
  alignas(64) std::atomic<std::uint64_t> read;

  alignas(64) std::atomic<std::uint32_t> bell;  // a futex: changed to wake the other end
  std::atomic<std::uint32_t> sleeping;          // this end sleeps, or is about to, until the other's bell changes
  std::atomic<std::uint32_t> wants_room;        // and room in its own ring is what it waits for
  std::atomic<std::uint32_t> stop;              // of the host: the child shall end

  alignas(64) std::atomic<std::uint64_t> cursor;  // of the child: the message it works on
};

static_assert(sizeof(EndWords) <= SharedMemory::kWordsSize);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace eddy::host
