// SPDX-License-Identifier: Apache-2.0
// Where a function stands: in its source, and in its retry and its redrive stream if it has them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

struct Standing {
  std::vector<Position> source;
  std::vector<Position> retries;   // empty: no retry stream
  std::vector<Position> redrives;  // empty: no redrive stream

  Tally tally() const;              // over all; what moved to the retry stream is counted where it ended
  std::uint64_t lag() const;        // records of the source that have not ended
  std::uint64_t held() const;       // of these: waiting in place for another attempt, or behind one that is
  std::uint64_t retry_lag() const;  // records in the retry stream
  std::uint64_t redrive_lag() const;
  bool at_end() const { return lag() == 0 && retry_lag() == 0 && redrive_lag() == 0; }
  bool operator==(const Standing&) const = default;
};

Result<Standing> standing_of(Transport& transport, std::string_view function, std::string_view source);

// Records of one partition that have not ended.
std::uint64_t lag_of(const Position& position);

}  // namespace eddy::host
