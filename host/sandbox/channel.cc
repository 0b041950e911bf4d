// SPDX-License-Identifier: Apache-2.0
#include "sandbox/channel.h"

namespace eddy::host {

Result<std::unique_ptr<Channel>> Channel::create(std::size_t request_bytes, std::size_t response_bytes) {
  EDDY_ASSIGN(SharedMemory requests, SharedMemory::create("eddy-requests", request_bytes, true));
  EDDY_ASSIGN(SharedMemory responses, SharedMemory::create("eddy-responses", response_bytes, false));
  return std::unique_ptr<Channel>(new Channel(std::move(requests), std::move(responses)));
}

Channel::Channel(SharedMemory requests, SharedMemory responses)
    : end_(std::move(requests), std::move(responses)), most_message_(end_.writer().most_message()) {}

std::byte* Channel::reserve(std::size_t size) {
  std::byte* const room = end_.writer().reserve(size);
  wanted_ = room == nullptr && size <= most_message_ ? size : 0;
  return room;
}

void Channel::commit(std::size_t size) {
  end_.writer().commit(size);
  wanted_ = 0;
}

Result<std::span<const std::byte>> Channel::next() {
  if (end_.writer().misled()) return Error{Code::kBadData, "ring: the child has read what was never written"};
  return end_.reader().next();
}

Channel::Wake Channel::wait(std::chrono::milliseconds at_most) {
  Wake wake = Wake::kTimeout;
  const auto done = [this, &wake] {
    const bool has_room = wants_room() && end_.writer().has_room(wanted_);  // it may see that it is misled
    if (end_.reader().ready() || end_.writer().misled()) {
      wake = Wake::kMessage;
    } else if (interrupted_.load(std::memory_order_acquire)) {
      // Once more: what the child wrote before it died may have come between the two looks.
      wake = end_.reader().ready() ? Wake::kMessage : Wake::kInterrupted;
    } else if (has_room) {
      wake = Wake::kRoom;
    }
    return wake != Wake::kTimeout;
  };
  end_.wait(done, std::chrono::steady_clock::now() + at_most, wants_room());
  return wake;
}

void Channel::interrupt() {
  interrupted_.store(true, std::memory_order_release);
  end_.wake_self();
}

void Channel::request_stop() {
  end_.mine().stop.store(1, std::memory_order_seq_cst);
  end_.wake_other();
}

}  // namespace eddy::host
