// SPDX-License-Identifier: Apache-2.0
// The form of a letter in a redrive stream, on its way back to the function that failed: the letter as its queue has
// it, and behind its headers, in this order:
//   __eddy.redrive.id      the redrive that sends it
//   __eddy.redrive.queue   the queue that it is in
// Its time in the redrive stream is that of its writing: retention would delete an old letter that keeps its own.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"

namespace eddy::host {

// Keeps its memory from record to record. Not thread-safe.
class RedriveRecord {
 public:
  // Valid until the next call; borrows all it is given.
  const OutRecord& wrap(const Record& letter, std::string_view redrive, std::string_view queue);

  struct Unwrapped {
    Record letter;  // as LetterReader takes it
    std::string_view redrive, queue;
  };
  // Borrows the record. kBadData: it was not wrapped by wrap(); says which header is missing.
  static Result<Unwrapped> unwrap(const Record& record);

 private:
  std::vector<Header> headers_;
  OutRecord wrapped_;
};

}  // namespace eddy::host
