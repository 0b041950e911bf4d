// SPDX-License-Identifier: Apache-2.0
// Messages to a child process and back, over shared memory: no system call while both ends are awake.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "sandbox/channel_end.h"

namespace eddy::host {

// The host's end. It believes nothing that the child writes: whatever that is becomes kBadData, and no wait outlasts
// its time. One thread, but where [any thread] says otherwise.
//
// The requests are the host's alone: the child can neither write nor map them writable. A response stays the child's to
// change until it is released: read each of its fields once, into a place of your own, and judge that.
class Channel {
 public:
  // Powers of two, at least 4096.
  static Result<std::unique_ptr<Channel>> create(std::size_t request_bytes, std::size_t response_bytes);

  // For the child's ChildChannel::open(): requests, responses. Owned by the channel.
  std::array<int, 2> fds() const { return {end_.own_fd(), end_.other_fd()}; }

  std::size_t most_message() const { return most_message_; }  // largest request
  std::size_t most_response() const { return end_.reader().most_message(); }
  // Room for a request, its address a multiple of 8; null: none now, wait() tells when there is. Size 1 at least.
  std::byte* reserve(std::size_t size);
  // The room that is known to be free: a message may be written there before its size is known. May be empty.
  std::span<std::byte> room() const { return end_.writer().room(); }
  // The message is complete; size at most as reserved, or as there was room().
  void commit(std::size_t size);
  // Makes committed messages visible, and wakes the child if it sleeps.
  void publish() { end_.publish(); }

  // The first response that is not released; empty: none yet. Responses of a child that is dead are still there.
  Result<std::span<const std::byte>> next();
  void release() { end_.release(); }

  enum class Wake : std::uint8_t {
    kMessage,      // next() has something: a response, or kBadData
    kRoom,         // what reserve() could not give is free
    kInterrupted,  // interrupt() was called, now or earlier, and there is no response
    kTimeout,
  };
  Wake wait(std::chrono::milliseconds at_most);
  void interrupt();  // [any thread] for good: the child is dead

  // What the child said last: the number of the message it works on. Its word, not a fact.
  std::uint64_t cursor() const { return end_.theirs().cursor.load(std::memory_order_acquire); }  // [any thread]
  void request_stop();  // [any thread] the child's next() ends once it has no more messages

 private:
  Channel(SharedMemory requests, SharedMemory responses);
  bool wants_room() const { return wanted_ != 0; }

  ChannelEnd end_;
  const std::size_t most_message_;
  std::size_t wanted_ = 0;  // what reserve() could not give
  std::atomic<bool> interrupted_{false};
};

}  // namespace eddy::host
