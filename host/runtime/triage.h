// SPDX-License-Identifier: Apache-2.0
// Dead letters looked at: found by id, grouped by cause. Reading never consumes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dead_letter/reader.h"
#include "stream/transport.h"

namespace eddy::host {

// Where a letter stands in its queue.
struct LetterPlace {
  std::string queue;
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
};

// Calls `visit` for every letter a queue holds, partition by partition, oldest first; false ends the walk. Records of
// the queue that are no dead letters are passed over and counted in the result.
using LetterVisitor = std::function<bool(const Record& record, const DeadLetter& letter)>;
Result<std::uint64_t> visit_letters(Transport& transport, const std::string& queue, const LetterVisitor& visit);

// Letters of one cause. A letter that came back after a recovery failed counts once, under its newest error.
struct LetterGroup {
  std::string fingerprint, error_type, error_message, source, function, plugin_version;
  std::uint64_t count = 0;
  std::int64_t first_us = 0, last_us = 0;
  std::string sample_id;
};

// Largest first.
Result<std::vector<LetterGroup>> group_letters(Transport& transport, const std::string& queue);

}  // namespace eddy::host
