// SPDX-License-Identifier: Apache-2.0
// The form of a record in a retry stream: its own key, value and headers, and behind its headers what brings it back,
// in this order:
//   __eddy.retry.attempts    calls made, decimal
//   __eddy.retry.due         not to be called before, RFC 3339, milliseconds
//   __eddy.retry.stream, .partition, .offset   where it came from
//   __eddy.retry.timestamp   the record's own time, microseconds since 1970, decimal: RFC 3339 ends with year 9999
// Its time in the retry stream is that of its writing: retention would delete an old record that keeps its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

// Where a record came from first: its identity in dead letters.
struct RecordOrigin {
  std::string_view stream;
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
};

// Keeps its memory from record to record. Not thread-safe.
class RetryRecord {
 public:
  // The record as it goes into the retry stream; `to` is the partition. `record` is the original or what unwrap() gave,
  // so the headers of an earlier wrap are replaced, and those of these names that an original had of its own stay its
  // own. Valid until the next call; borrows key, value and headers.
  const OutRecord& wrap(const Record& record, const RecordOrigin& origin, const Wait& wait, std::uint32_t to);

  struct Unwrapped {
    Record record;  // as the function saw it at first: partition and offset of its origin, attempts and due_us set
    RecordOrigin origin;
  };
  // Valid until the next call; borrows the record. kBadData: it was not wrapped by wrap(); says which header is missing
  // or what it holds.
  Result<Unwrapped> unwrap(const Record& record);

 private:
  static constexpr std::size_t kAdded = 6;

  std::array<std::string, kAdded> texts_;
  std::vector<Header> headers_;
  OutRecord wrapped_;
};

}  // namespace eddy::host
