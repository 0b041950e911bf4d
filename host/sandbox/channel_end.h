// SPDX-License-Identifier: Apache-2.0
// What both ends of a channel do: write into the own memory, read the other's, wake and be woken.
//
// No wake-up is lost: a sleeper says so, then looks once more, then sleeps; a writer writes, then looks whether the
// other sleeps. All four are sequentially consistent, so that one of the two sees the other. A fence for each message
// is more than a small message costs: show() leaves it out, and makes up for it before this end itself waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "sandbox/end_words.h"
#include "sandbox/futex.h"
#include "sandbox/ring.h"
#include "sandbox/shared_memory.h"

namespace eddy::host {

// Not thread-safe; wake_self() is.
class ChannelEnd {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ChannelEnd(SharedMemory own, SharedMemory other);
  ChannelEnd(const ChannelEnd&) = delete;
  ChannelEnd& operator=(const ChannelEnd&) = delete;

  EndWords& mine() { return *static_cast<EndWords*>(own_.words()); }
  EndWords& theirs() const { return *static_cast<EndWords*>(other_.words()); }
  RingWriter& writer() { return writer_; }
  const RingWriter& writer() const { return writer_; }
  RingReader& reader() { return reader_; }
  const RingReader& reader() const { return reader_; }
  int own_fd() const { return own_.fd(); }
  int other_fd() const { return other_.fd(); }

  void publish();
  // publish(), but an end that sleeps is woken once for so many messages, or when this end waits; and one that falls
  // asleep in this very moment may be overlooked until the next of these.
  void show(std::uint32_t messages_a_wake);
  void release();
  void wake_other();
  void wake_self();  // [any thread] needs the other's memory to be writable

  // Until done() or the deadline; the answer is done()'s. Spins for a while first, as long as that has paid of late.
  template <typename Done>
  bool wait(Done done, Time deadline, bool for_room) {
    if (done()) return true;
    if (shown_) make_sure();
    bool is_done = false;
    for (std::uint32_t left = spins(); left > 0 && !is_done; --left) {
      pause();
      is_done = done();
    }
    learn(is_done);
    return is_done || sleep(done, deadline, for_room);
  }

 private:
  template <typename Done>
  bool sleep(Done done, Time deadline, bool for_room) {
    bool is_done = false;
    if (for_room) mine().wants_room.store(1, std::memory_order_seq_cst);
    mine().sleeping.store(1, std::memory_order_seq_cst);
    while (true) {
      const std::uint32_t seen = theirs().bell.load(std::memory_order_seq_cst);
      is_done = done();
      const Time now = std::chrono::steady_clock::now();
      if (is_done || now >= deadline) break;
      futex_wait(theirs().bell, seen, deadline - now);
    }
    mine().sleeping.store(0, std::memory_order_relaxed);
    mine().wants_room.store(0, std::memory_order_relaxed);
    return is_done;
  }

  void make_sure();
  static void pause();
  std::uint32_t spins();
  void learn(bool spinning_paid);

  SharedMemory own_;
  SharedMemory other_;
  RingWriter writer_;
  RingReader reader_;
  const std::uint32_t most_spins_;
  std::uint32_t spins_;
  std::uint32_t waits_ = 0;
  bool shown_ = false;             // since it was last made sure
  std::uint32_t unannounced_ = 0;  // messages shown since the other end fell asleep
};

}  // namespace eddy::host
