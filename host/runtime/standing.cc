// SPDX-License-Identifier: Apache-2.0
#include "runtime/standing.h"

#include <algorithm>
#include <numeric>

#include "function/runner.h"

namespace eddy::host {

namespace {

std::uint64_t total_lag(const std::vector<Position>& positions) {
  return std::accumulate(positions.begin(), positions.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Position& position) { return sum + lag_of(position); });
}

}  // namespace

std::uint64_t lag_of(const Position& position) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, position.end - std::max(position.begin, position.committed)));
}

Tally Standing::tally() const {
  Tally sum;
  for (const Position& position : source) sum += position.tally;
  for (const Position& position : retries) sum += position.tally;
  for (const Position& position : redrives) sum += position.tally;
  return sum;
}

std::uint64_t Standing::lag() const { return total_lag(source); }
std::uint64_t Standing::retry_lag() const { return total_lag(retries); }
std::uint64_t Standing::redrive_lag() const { return total_lag(redrives); }

std::uint64_t Standing::held() const {
  return std::accumulate(source.begin(), source.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Position& position) { return sum + position.held; });
}

namespace {

// None when there is no such stream.
Result<std::vector<Position>> if_there(Transport& transport, const std::string& group, const std::string& stream) {
  auto positions = transport.positions(group, stream);
  if (!positions && positions.error().code == Code::kBadData) return std::vector<Position>();
  return positions;
}

}  // namespace

Result<Standing> standing_of(Transport& transport, std::string_view function, std::string_view source) {
  Standing standing;
  EDDY_ASSIGN(standing.source, transport.positions(group_of(function), source));
  EDDY_ASSIGN(standing.retries, if_there(transport, retry_group_of(function), retry_stream_of(function)));
  EDDY_ASSIGN(standing.redrives, if_there(transport, redrive_group_of(function), redrive_stream_of(function)));
  return standing;
}

}  // namespace eddy::host
