// SPDX-License-Identifier: Apache-2.0
#include "sandbox/child_channel.h"

namespace eddy::host {
namespace {

// No deadline: the host ends the wait, or the child with it.
constexpr std::chrono::hours kForEver{24 * 365};

}  // namespace

Result<std::unique_ptr<ChildChannel>> ChildChannel::open(int requests, int responses) {
  EDDY_ASSIGN(SharedMemory theirs, SharedMemory::open(requests, SharedMemory::Access::kReadOnly));
  EDDY_ASSIGN(SharedMemory mine, SharedMemory::open(responses, SharedMemory::Access::kReadWrite));
  return std::unique_ptr<ChildChannel>(new ChildChannel(std::move(mine), std::move(theirs)));
}

ChildChannel::ChildChannel(SharedMemory responses, SharedMemory requests)
    : end_(std::move(responses), std::move(requests)), most_message_(end_.writer().most_message()) {}

Result<std::span<const std::byte>> ChildChannel::next() {
  if (ready()) return end_.reader().next();  // without a look at the clock
  const auto done = [this] { return end_.reader().ready() || stop_requested(); };
  while (!end_.wait(done, std::chrono::steady_clock::now() + kForEver, false)) continue;
  return end_.reader().next();
}

std::byte* ChildChannel::reserve(std::size_t size) {
  if (size == 0 || size > most_message_) return nullptr;
  if (!end_.writer().has_room(size)) {
    publish();
    const auto done = [this, size] { return end_.writer().has_room(size) || stop_requested(); };
    while (!end_.wait(done, std::chrono::steady_clock::now() + kForEver, true)) continue;
  }
  return end_.writer().reserve(size);
}

}  // namespace eddy::host
