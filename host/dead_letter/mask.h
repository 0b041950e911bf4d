// SPDX-License-Identifier: Apache-2.0
// What is hidden of a record whenever one is shown: values that JSON pointers name. What is stored is not touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace eddy::host {

struct DeadLetter;

// True for "" and for "/a/b~1c", as RFC 6901 has it.
bool is_json_pointer(std::string_view text);

// Cheap to copy while it hides nothing. Thread-safe: it keeps no state between calls.
class Mask {
 public:
  Mask() = default;
  // A token `*` stands for every member or element of its level. Pointers that are none are left out.
  explicit Mask(const std::vector<std::string>& pointers);

  bool hides() const { return !pointers_.empty(); }

  // A look at the value that this pointer names would tell something of what is hidden: it is that, stands in it, or
  // has it in itself.
  bool touches(std::string_view pointer) const;

  // The exact text with "***" in place of each value that a pointer names, a repeated member in all its places. What is
  // not JSON is hidden whole. Null stays the empty text.
  std::string original(Bytes original) const;

  // A text that may repeat what `original` hides (an error message, a key, a header, an output): each hidden value is
  // taken out of it; of an original that is not JSON every stretch that both have.
  std::string text(std::string_view text, Bytes original) const;

  // A text that stands beside a letter's original: its message, its key, a header. Hidden whole where nobody can tell
  // what it repeats: the original is elsewhere or sealed, or it is a corrected one, and the text is from before that.
  std::string text_of(const DeadLetter& letter, std::string_view text) const;

  // An output, a record of a stream: as original(), and without what `of`, the record it was made of, hides.
  std::string output(std::string_view value, Bytes of) const;

 private:
  std::vector<std::vector<std::string>> pointers_;  // tokens, unescaped
};

}  // namespace eddy::host
