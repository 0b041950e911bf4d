// SPDX-License-Identifier: Apache-2.0
// The record that a dead letter is about, as its function is to see it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "dead_letter/digest.h"
#include "dead_letter/reader.h"
#include "function/task.h"
#include "stream/transport.h"

namespace eddy::host {

// Not thread-safe.
class FailedRecords {
 public:
  explicit FailedRecords(Transport& transport) : transport_(transport) {}

  // The original, with where it was; of a letter that is only a pointer what stands at the place it points to, if its
  // digest is the same. kBadData says why it cannot be had. Valid as long as the letter, and until the next call.
  Result<Task> of(const DeadLetter& letter);

 private:
  Result<Task> read_at(const DeadLetter& letter);
  Result<Record> record_at(std::string_view stream, std::uint32_t partition, std::int64_t offset);

  Transport& transport_;
  std::map<std::string, std::unique_ptr<Browser>, std::less<>> browsers_;
  LetterReader reader_;
  LetterDigest digest_;
};

// The same for a letter that is whole.
Task task_of(const DeadLetter& letter);

}  // namespace eddy::host
