// SPDX-License-Identifier: Apache-2.0
// The child's end of a channel (channel.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "sandbox/channel_end.h"

namespace eddy::host {

// Needs its descriptors only in open(), and no system call but futex(2) afterwards. One thread.
class ChildChannel {
 public:
  // Of Channel::fds(), which it does not close.
  static Result<std::unique_ptr<ChildChannel>> open(int requests, int responses);

  std::size_t most_message() const { return most_message_; }  // largest response

  // Waits for the first request that is not released; empty: the host asked to stop, and there is none.
  Result<std::span<const std::byte>> next();
  void release() { end_.release(); }
  bool ready() { return end_.reader().ready(); }  // next() would not wait

  // The room that is known to be free: a message may be written there before its size is known. May be empty.
  std::span<std::byte> room() const { return end_.writer().room(); }
  // Waits for room, and publishes what is committed when it has to; null: larger than most_message(), or the host asked
  // to stop.
  std::byte* reserve(std::size_t size);
  void commit(std::size_t size) { end_.writer().commit(size); }
  void publish() { end_.publish(); }
  // At once visible; but a host that sleeps is woken once for so many messages, or when next() waits, and one that
  // falls asleep in this very moment may be overlooked until then. Else it looks at the end of its own time.
  void show(std::uint32_t messages_a_wake) { end_.show(messages_a_wake); }

  void set_cursor(std::uint64_t number) { end_.mine().cursor.store(number, std::memory_order_release); }
  bool stop_requested() const { return end_.theirs().stop.load(std::memory_order_seq_cst) != 0; }
  const std::atomic<std::uint32_t>& stop_word() const { return end_.theirs().stop; }  // not zero: the same

 private:
  ChildChannel(SharedMemory responses, SharedMemory requests);

  ChannelEnd end_;
  const std::size_t most_message_;
};

}  // namespace eddy::host
