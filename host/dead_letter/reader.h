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
  // kConfig: its original is encrypted, and the key is not among letter_keys(): nothing is wrong with the letter.
  Result<const DeadLetter*> read(const Record& record);
  // All but the original, for which no key is needed.
  Result<const DeadLetter*> read_facts(const Record& record);

 private:
  struct State;
  Result<const DeadLetter*> read(const Record& record, bool facts_only);
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
