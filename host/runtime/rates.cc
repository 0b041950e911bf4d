// SPDX-License-Identifier: Apache-2.0
#include "runtime/rates.h"

#include <utility>

namespace eddy::host {

bool Rates::due(Time now) const {
  const std::lock_guard lock(mutex_);
  return samples_.empty() || now - samples_.back().at >= kEvery;
}

void Rates::sample(Time now, ProcessedByName counts) {
  const std::lock_guard lock(mutex_);
  samples_.push_back({now, std::move(counts)});
  while (samples_.size() > 1 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

std::map<std::string, Rate> Rates::over_window(Time now, const ProcessedByName& counts) const {
  std::map<std::string, Rate> rates;
  const std::lock_guard lock(mutex_);
  if (samples_.empty()) return rates;
  const Sample& then = samples_.front();
  const double seconds = std::chrono::duration<double>(now - then.at).count();
  if (seconds <= 0) return rates;
  for (const auto& [name, count] : counts) {
    const auto found = then.counts.find(name);
    const Processed before = found != then.counts.end() ? found->second : Processed();
    const auto per_second = [&](std::uint64_t last, std::uint64_t first) {
      return last > first ? static_cast<double>(last - first) / seconds : 0.0;
    };
    rates[name] = {per_second(count.delivered, before.delivered), per_second(count.filtered, before.filtered),
                   per_second(count.dead_lettered, before.dead_lettered)};
  }
  return rates;
}

}  // namespace eddy::host
