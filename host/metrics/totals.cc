// SPDX-License-Identifier: Apache-2.0
#include "metrics/totals.h"

namespace eddy::host {
namespace {

template <std::size_t Size>
void add_all(std::array<std::uint64_t, Size>& sums, const std::array<Count, Size>& counts) {
  for (std::size_t i = 0; i < Size; ++i) sums[i] += counts[i].get();
}

template <std::size_t Size>
void add_all(std::array<std::uint64_t, Size>& sums, const std::array<std::uint64_t, Size>& counts) {
  for (std::size_t i = 0; i < Size; ++i) sums[i] += counts[i];
}

template <typename Source>
void add_scalars(Totals& totals, const Source& source) {
  add_all(totals.outcomes, source.outcomes);
  add_all(totals.faults, source.faults);
  add_all(totals.recoveries, source.recoveries);
  add_all(totals.retries, source.retries);
  add_all(totals.dropped, source.dropped);
  totals.recovery_seconds.add(source.recovery_seconds);
  totals.call_seconds.add(source.call_seconds);
}

}  // namespace

void Totals::add(const WorkerCounters& worker) {
  add_scalars(*this, worker);
  write_failures += worker.write_failures.get();
  process_deaths += worker.process_deaths.get();
  process_backoffs += worker.process_backoffs.get();
  for (const auto& [type, count] : worker.dead_letters()) dead_letters[type] += count;
}

void Totals::add(const Totals& other) {
  add_scalars(*this, other);
  write_failures += other.write_failures;
  process_deaths += other.process_deaths;
  process_backoffs += other.process_backoffs;
  for (const auto& [type, count] : other.dead_letters) dead_letters[type] += count;
}

ApiTotals::ApiTotals(const ApiCounters& api) : requests(api.requests()) {
  for (std::size_t i = 0; i < records.size(); ++i) records[i] = api.records[i].get();
  seconds.add(api.seconds);
}

}  // namespace eddy::host
