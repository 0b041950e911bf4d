// SPDX-License-Identifier: Apache-2.0
#include "runtime/last_records.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace eddy::host {

namespace {

constexpr std::size_t kReadAtOnce = 500;

// Where the last `most` processed records begin, evenly over the partitions; what one has too few of, others give.
std::vector<std::pair<Position, std::int64_t>> last_of(std::vector<Position> positions, std::int64_t most) {
  const auto processed = [](const Position& position) {
    return std::max<std::int64_t>(0, position.committed - position.begin);
  };
  std::ranges::sort(positions, {}, processed);
  std::vector<std::pair<Position, std::int64_t>> from;
  auto left = static_cast<std::int64_t>(positions.size());
  for (const Position& position : positions) {
    const std::int64_t own = std::min(processed(position), most / left--);
    most -= own;
    from.emplace_back(position, position.committed - own);
  }
  return from;
}

}  // namespace

Result<void> visit_range(Browser& browser, std::uint32_t partition, std::int64_t from, std::int64_t to,
                         const std::function<bool()>& go_on, const std::function<void(const Record&)>& visit) {
  while (from < to) {
    EDDY_ASSIGN(const auto records,
                browser.read(partition, from, std::min(kReadAtOnce, static_cast<std::size_t>(to - from))));
    if (records.empty()) return {};
    for (const Record& record : records) {
      if (record.offset >= to || !go_on()) return {};
      visit(record);
    }
    from = records.back().offset + 1;
  }
  return {};
}

Result<void> visit_last(Transport& transport, const std::string& group, const std::string& stream, std::int64_t most,
                        const std::function<bool()>& go_on, const std::function<void(const Record&)>& visit) {
  EDDY_ASSIGN(const auto positions, transport.positions(group, stream));
  if (positions.empty()) return {};
  EDDY_ASSIGN(const auto browser, transport.open_browser(stream));
  for (const auto& [position, from] : last_of(positions, most)) {
    EDDY_TRY(visit_range(*browser, position.partition, from, position.committed, go_on, visit));
  }
  return {};
}

}  // namespace eddy::host
