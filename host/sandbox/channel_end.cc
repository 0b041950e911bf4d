// SPDX-License-Identifier: Apache-2.0
#include "sandbox/channel_end.h"

#include <sched.h>

namespace eddy::host {
namespace {

// About as long as it takes to wake a sleeping CPU (95 us): spinning in vain then costs as much as what it may save.
constexpr std::uint32_t kMostSpins = 2000;
// Spinning is tried again in one of so many waits, when it has not paid: the other end was slow, or it could not run
// because this one held its CPU.
constexpr std::uint32_t kTryEvery = 64;

// With one CPU the other end cannot run while this one spins.
std::uint32_t most_spins() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) < 2 ? 0 : kMostSpins;
}

}  // namespace

ChannelEnd::ChannelEnd(SharedMemory own, SharedMemory other)
    : own_(std::move(own)),
      other_(std::move(other)),
      writer_(own_.ring(), own_.ring_bytes(), &mine().written, &theirs().read),
      reader_(other_.ring(), other_.ring_bytes(), &theirs().written, &mine().read),
      most_spins_(most_spins()),
      spins_(most_spins_) {}

void ChannelEnd::publish() {
  if (!writer_.publish()) return;
  shown_ = false;
  if (theirs().sleeping.load(std::memory_order_seq_cst) != 0) wake_other();
}

void ChannelEnd::show(std::uint32_t messages_a_wake) {
  if (!writer_.show()) return;
  shown_ = true;
  if (theirs().sleeping.load(std::memory_order_relaxed) == 0) {
    unannounced_ = 0;
  } else if (++unannounced_ >= messages_a_wake) {
    unannounced_ = 0;
    wake_other();
  }
}

void ChannelEnd::make_sure() {
  shown_ = false;
  writer_.insist();
  if (theirs().sleeping.load(std::memory_order_seq_cst) != 0) wake_other();
}

void ChannelEnd::release() {
  if (reader_.release() && theirs().wants_room.load(std::memory_order_seq_cst) != 0) wake_other();
}

void ChannelEnd::wake_other() {
  mine().bell.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(mine().bell);
}

void ChannelEnd::wake_self() {
  theirs().bell.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(theirs().bell);
}

void ChannelEnd::pause() { __builtin_ia32_pause(); }

std::uint32_t ChannelEnd::spins() { return ++waits_ % kTryEvery == 0 ? most_spins_ : spins_; }

void ChannelEnd::learn(bool spinning_paid) { spins_ = spinning_paid ? most_spins_ : spins_ / 4; }

}  // namespace eddy::host
