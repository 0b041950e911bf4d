// SPDX-License-Identifier: Apache-2.0
// Reads the facts of a raw letter from its headers.
#pragma once

#include <span>

#include "base/record.h"
#include "dead_letter/letter.h"
#include "dead_letter/letter_json.h"

namespace eddy::host {

// True when the headers that the writer added say that the value is the original itself.
bool is_raw_letter(std::span<const Header> added);

// What it reads is valid as long as the headers and until its next read. Not thread-safe.
class LetterHeaders {
 public:
  // Fills all of `letter` but key, original and headers.
  void read(std::span<const Header> added, DeadLetter& letter);

 private:
  void assign(std::string_view name, std::string_view value, DeadLetter& letter);

  NestedJson first_failure_;
  NestedJson previous_;
  NestedJson edited_from_;
};

}  // namespace eddy::host
