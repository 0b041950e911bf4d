// SPDX-License-Identifier: Apache-2.0
// Where a function stands: in its source, and in its retry stream if it has one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

struct Standing {
  std::vector<Position> source;
  std::vector<Position> retries;  // empty: no retry stream

  Tally tally() const;              // over both; what moved to the retry stream is counted where it ended
  std::uint64_t lag() const;        // records of the source that have not ended
  std::uint64_t held() const;       // of these: waiting in place for another attempt, or behind one that is
  std::uint64_t retry_lag() const;  // records in the retry stream
  bool at_end() const { return lag() == 0 && retry_lag() == 0; }
  bool operator==(const Standing&) const = default;
};

Result<Standing> standing_of(Transport& transport, std::string_view function, std::string_view source);

// Records of one partition that have not ended.
std::uint64_t lag_of(const Position& position);

}  // namespace eddy::host
