// SPDX-License-Identifier: Apache-2.0
// Messages in a ring of bytes, one writer and one reader in different processes.
//
//   message = u64 size (never 0), `size` bytes, zeros up to a multiple of 8
//
// Positions are bytes since the beginning. Either side keeps its own in private memory and believes the other's only
// after a look at it: what the other end writes may be nonsense, and may change while it is read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace eddy::host {

inline constexpr std::size_t kMessageHead = 8;
constexpr std::uint64_t message_room(std::size_t size) { return (kMessageHead + size + 7) & ~std::uint64_t{7}; }

// Not thread-safe.
class RingWriter {
 public:
  RingWriter(std::byte* ring, std::size_t ring_bytes, std::atomic<std::uint64_t>* written,
             const std::atomic<std::uint64_t>* read)
      : ring_(ring), ring_bytes_(ring_bytes), written_(written), read_(read) {}

  std::size_t most_message() const { return ring_bytes_ - kMessageHead; }
  // Null: no room now. Another reserve() before the commit() takes the earlier one back.
  std::byte* reserve(std::size_t size);
  bool has_room(std::size_t size);
  // All that is free for one message, by the last look at the reader's word; to write to before its size is known.
  std::span<std::byte> room() const;
  // The first `size` bytes of what was reserved, or of room(), are a message; 0: none after all.
  void commit(std::size_t size);
  // True when there is something new for the reader.
  bool publish();
  // The same, but for the order between this store and what this side reads next: insist() makes up for it.
  bool show();
  void insist() { written_->store(published_, std::memory_order_seq_cst); }
  // The reader said that it has read what was never written, or went back.
  bool misled() const { return misled_; }

 private:
  std::byte* const ring_;
  const std::size_t ring_bytes_;
  std::atomic<std::uint64_t>* const written_;
  const std::atomic<std::uint64_t>* const read_;
  std::uint64_t committed_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t known_read_ = 0;
  bool misled_ = false;
};

// Not thread-safe.
class RingReader {
 public:
  RingReader(const std::byte* ring, std::size_t ring_bytes, const std::atomic<std::uint64_t>* written,
             std::atomic<std::uint64_t>* read)
      : ring_(ring), ring_bytes_(ring_bytes), written_(written), read_(read) {}

  std::size_t most_message() const { return ring_bytes_ - kMessageHead; }
  // Whether next() would not be empty; true also when the writer's word is nonsense.
  bool ready();
  // The first message that is not released; empty: none yet. kBadData: the writer's words or the message's head cannot
  // be. The bytes stay the writer's: they may change until release().
  Result<std::span<const std::byte>> next();
  // True when all that was seen is released: the time to wake a writer that waits for room.
  bool release();

 private:
  bool look();  // true: there is something

  const std::byte* const ring_;
  const std::size_t ring_bytes_;
  const std::atomic<std::uint64_t>* const written_;
  std::atomic<std::uint64_t>* const read_;
  std::uint64_t position_ = 0;
  std::uint64_t seen_ = 0;     // of what is written, believed
  std::uint64_t current_ = 0;  // room of the message that next() gave; 0: none
  bool misled_ = false;
};

}  // namespace eddy::host
