// SPDX-License-Identifier: Apache-2.0
#include "ingest/tail_search.h"

#include <algorithm>

namespace eddy::host {
namespace {

constexpr std::int64_t kBlock = 2048;

struct Block {
  bool found = false;
  bool old = false;  // it has records, and every one is
};

// The records of [begin, end).
Result<Block> look(Browser& browser, std::uint32_t partition, std::int64_t begin, std::int64_t end,
                   std::int64_t since_us, const std::function<bool(const Record&)>& wanted) {
  Block block;
  std::int64_t newest_us = 0;
  while (begin < end) {
    EDDY_ASSIGN(const auto batch, browser.read(partition, begin, static_cast<std::size_t>(end - begin)));
    if (batch.empty()) break;
    for (const Record& record : batch) {
      block.found = block.found || wanted(record);
      newest_us = std::max(newest_us, record.timestamp_us);
    }
    begin = batch.back().offset + 1;
    block.old = newest_us < since_us;
  }
  return block;
}

// The highest offset down to which has to be looked.
std::int64_t lowest(const TailStart& start, const Position& position) {
  if (start.ends.empty()) return INT64_MAX;
  if (position.partition >= start.ends.size()) return 0;
  const std::int64_t end = start.ends[position.partition];
  return end <= position.end ? end : 0;  // the stream was made anew
}

}  // namespace

Result<bool> find_in_tail(Transport& transport, std::string_view stream, const TailStart& start,
                          const std::function<bool(const Record&)>& wanted) {
  if (auto found = transport.find_stream(stream); !found) {
    if (found.error().code == Code::kBadData) return false;
    return found.take_error();
  }
  // Of no group in particular: only where the partitions begin and end is asked for.
  EDDY_ASSIGN(const auto positions, transport.positions("eddy-ingest", stream));
  EDDY_ASSIGN(auto browser, transport.open_browser(stream));
  for (const Position& position : positions) {
    const std::int64_t low = lowest(start, position);
    const bool by_time = start.since_us != INT64_MAX;
    bool old = !by_time;
    std::int64_t end = position.end;
    while (end > position.begin && !(old && end <= low)) {
      const std::int64_t begin = std::max(position.begin, end - kBlock);
      EDDY_ASSIGN(const Block block, look(*browser, position.partition, begin, end, start.since_us, wanted));
      if (block.found) return true;
      old = !by_time || block.old;
      end = begin;
    }
  }
  return false;
}

}  // namespace eddy::host
