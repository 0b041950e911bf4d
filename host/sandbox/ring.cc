// SPDX-License-Identifier: Apache-2.0
#include "sandbox/ring.h"

#include <cstring>
#include <string>

namespace eddy::host {

bool RingWriter::has_room(std::size_t size) {
  if (size == 0 || size > most_message()) return false;
  const std::uint64_t wanted = committed_ + message_room(size);
  if (wanted - known_read_ <= ring_bytes_) return true;
  const std::uint64_t read = read_->load(std::memory_order_seq_cst);  // once; see channel_end.cc for the order
  if (read < known_read_ || read > published_ || read % 8 != 0) {
    misled_ = true;
    return false;
  }
  known_read_ = read;
  return wanted - known_read_ <= ring_bytes_;
}

std::byte* RingWriter::reserve(std::size_t size) {
  if (!has_room(size)) return nullptr;
  return ring_ + committed_ % ring_bytes_ + kMessageHead;
}

std::span<std::byte> RingWriter::room() const {
  const std::uint64_t free = ring_bytes_ - (committed_ - known_read_);
  if (free <= kMessageHead) return {};
  return {ring_ + committed_ % ring_bytes_ + kMessageHead, free - kMessageHead};
}

void RingWriter::commit(std::size_t size) {
  if (size == 0) return;
  std::byte* const head = ring_ + committed_ % ring_bytes_;
  const std::uint64_t room = message_room(size);
  const auto announced = static_cast<std::uint64_t>(size);
  std::memset(head + kMessageHead + size, 0, room - kMessageHead - size);
  std::memcpy(head, &announced, sizeof announced);
  committed_ += room;
}

bool RingWriter::publish() {
  if (published_ == committed_) return false;
  published_ = committed_;
  written_->store(published_, std::memory_order_seq_cst);
  return true;
}

bool RingWriter::show() {
  if (published_ == committed_) return false;
  published_ = committed_;
  written_->store(published_, std::memory_order_release);
  return true;
}

bool RingReader::look() {
  if (misled_ || seen_ != position_) return true;
  const std::uint64_t written = written_->load(std::memory_order_seq_cst);
  if (written == seen_) return false;
  if (written < seen_ || written - position_ > ring_bytes_ || written % 8 != 0) {
    misled_ = true;
  } else {
    seen_ = written;
  }
  return true;
}

bool RingReader::ready() { return look(); }

Result<std::span<const std::byte>> RingReader::next() {
  if (!look()) return std::span<const std::byte>{};
  if (misled_) return Error{Code::kBadData, "ring: the other end's position cannot be"};
  const std::byte* const head = ring_ + position_ % ring_bytes_;
  // Once: the other process may change it between two looks.
  const std::uint64_t size = std::atomic_ref(*const_cast<std::uint64_t*>(reinterpret_cast<const std::uint64_t*>(head)))
                                 .load(std::memory_order_relaxed);
  if (size == 0 || size > ring_bytes_ || message_room(size) > seen_ - position_) {
    misled_ = true;
    return Error{Code::kBadData, "ring: a message of " + std::to_string(size) + " bytes where " +
                                     std::to_string(seen_ - position_) + " are written"};
  }
  current_ = message_room(size);
  return std::span<const std::byte>{head + kMessageHead, size};
}

bool RingReader::release() {
  if (current_ == 0) return false;
  position_ += current_;
  current_ = 0;
  if (position_ != seen_) {
    read_->store(position_, std::memory_order_release);
    return false;
  }
  read_->store(position_, std::memory_order_seq_cst);
  return true;
}

}  // namespace eddy::host
