// SPDX-License-Identifier: Apache-2.0
// The outputs of one call, held back until the call has returned success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "stream/transport.h"

namespace eddy::host {

// Keeps its memory from record to record. Not thread-safe.
class Staging {
 public:
  // What the caller gave for one output; `inherit_headers`: those of the input, seen again when it is written.
  struct Output {
    StreamId to{};
    Bytes key;
    Bytes value;
    std::span<const Header> headers;
    bool inherit_headers = true;
    std::int64_t timestamp_us = 0;
    std::optional<std::uint32_t> partition;
  };

  // Copies everything.
  void add(const Output& output);

  // For values that are encoded in place: append to value_buffer(), then add_encoded() with where the value began.
  std::string& value_buffer() { return bytes_; }
  void add_encoded(const Output& output, std::size_t value_begin);

  // Writes all outputs into the session's unit, or none when one of them can never be written: kTooLarge or kBadData,
  // as Session::write says. `inherited` are the input's headers.
  Result<void> write(Session& session, std::span<const Header> inherited);

  void clear();
  bool empty() const { return entries_.empty(); }
  std::size_t count() const { return entries_.size(); }
  Output at(std::size_t index);  // as it was added; borrowed until the next at(), write() or add()
  std::size_t bytes() const { return bytes_.size(); }

 private:
  struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool null = true;
  };
  struct Entry {
    StreamId to{};
    Piece key, value;
    std::size_t header_begin = 0, header_count = 0;
    bool inherit_headers = true;
    std::int64_t timestamp_us = 0;
    std::optional<std::uint32_t> partition;
  };
  Piece copy(Bytes bytes);
  OutRecord resolve(const Entry& entry, std::span<const Header> inherited);  // valid until the next
  Bytes at(const Piece& piece) const { return piece.null ? Bytes() : Bytes(bytes_.data() + piece.begin, piece.size); }

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<std::pair<Piece, Piece>> headers_;
  std::vector<Header> resolved_;
};

}  // namespace eddy::host
