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
  return sum;
}

std::uint64_t Standing::lag() const { return total_lag(source); }
std::uint64_t Standing::retry_lag() const { return total_lag(retries); }

std::uint64_t Standing::held() const {
  return std::accumulate(source.begin(), source.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Position& position) { return sum + position.held; });
}

Result<Standing> standing_of(Transport& transport, std::string_view function, std::string_view source) {
  Standing standing;
  EDDY_ASSIGN(standing.source, transport.positions(group_of(function), source));
  auto retries = transport.positions(retry_group_of(function), retry_stream_of(function));
  if (retries) {
    standing.retries = *std::move(retries);
  } else if (retries.error().code != Code::kBadData) {  // kBadData: it has none
    return retries.take_error();
  }
  return standing;
}

}  // namespace eddy::host
