// SPDX-License-Identifier: Apache-2.0
// What identifies a record and a letter: SHA-256 over unambiguous encodings. FORMAT.md has both, byte by byte.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/record.h"
#include "dead_letter/facts.h"

namespace eddy::host {

// Keeps its hash and buffer. Not thread-safe.
class LetterDigest {
 public:
  // Of key, value and headers; null and empty, order and repeats told apart. 64 hexadecimal digits, valid until the
  // next call of this function.
  std::string_view of_record(Bytes key, Bytes value, std::span<const Header> headers);

  // The letter's id: 32 hexadecimal digits, valid until the next call of this function.
  std::string_view id_of(const Origin& origin, std::string_view function, std::string_view error_type,
                         std::string_view digest);

 private:
  void put(Bytes bytes);
  void put_number(std::uint64_t value, int bytes);
  void flush();

  Sha256 hash_;
  std::string pending_;
  std::string digest_;
  std::string id_;
};

}  // namespace eddy::host
