// SPDX-License-Identifier: Apache-2.0
// Looks through the newest records of a stream, newest blocks first.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "stream/transport.h"

namespace eddy::host {

// How far back to look in a partition: to offset `ends[partition]`, and on until a whole block of records is older than
// `since_us`. Timestamps alone mislead: what a function writes keeps the times of what it was made from, so that an old
// backlog may stand behind a new record.
struct TailStart {
  std::vector<std::int64_t> ends;     // empty: not known
  std::int64_t since_us = INT64_MAX;  // INT64_MAX: whatever their times are
};

// True when a record fits `wanted`. Goes back, partition by partition, to where `start` says, or the partition begins.
// A stream that is not there has none.
Result<bool> find_in_tail(Transport& transport, std::string_view stream, const TailStart& start,
                          const std::function<bool(const Record&)>& wanted);

}  // namespace eddy::host
