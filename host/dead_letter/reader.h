// SPDX-License-Identifier: Apache-2.0
// Reads dead letters: envelope and raw, both casings, ours and Moose's.
#pragma once

#include <memory>

#include "base/record.h"
#include "base/result.h"
#include "dead_letter/letter.h"

namespace eddy::host {

// Keeps its parser and buffers. Not thread-safe.
class LetterReader {
 public:
  LetterReader();
  ~LetterReader();

  // kBadData, saying what is missing, when the record is not a dead letter. `record` is padded as Session::poll says;
  // the result is valid as long as it, and until the next read.
  Result<const DeadLetter*> read(const Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
