// SPDX-License-Identifier: Apache-2.0
// A copy of a letter that the index keeps, to the byte as its queue had it: encrypted where the queue is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "dead_letter/letter_state.h"
#include "triage/letter_place.h"

namespace eddy::host {

// A record that owns its bytes; 64 readable ones follow its value. Move-only.
class KeptRecord {
 public:
  KeptRecord() = default;
  KeptRecord(KeptRecord&&) = default;
  KeptRecord& operator=(KeptRecord&&) = default;

  // Key, headers and value as one text, and back. kCorrupt: it is no such text.
  static std::string pack(const Record& record);
  static Result<KeptRecord> unpack(std::string_view packed);

  Record record() const;  // without place and time

 private:
  std::vector<char> bytes_;  // its buffer stays where it is when it is moved
  std::vector<Header> headers_;
  Bytes key_, value_;
};

struct KeptLetter {
  LetterPlace place;  // where it stands, or stood
  std::string queue;
  std::int64_t gone_us = 0;                // when it was found to have left its queue; 0: it is there
  LetterState state = LetterState::kOpen;  // of one that has gone: what it was then
  std::int64_t timestamp_us = 0;
  KeptRecord kept;

  Record record() const;
};

}  // namespace eddy::host
