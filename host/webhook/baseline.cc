// SPDX-License-Identifier: Apache-2.0
#include "webhook/baseline.h"

#include <algorithm>
#include <cmath>

namespace eddy::host::webhook {
namespace {

constexpr std::int64_t kMemory = 60;  // windows

}  // namespace

double Baseline::per_minute(double count) const { return count * 60e6 / static_cast<double>(options_.window_us); }

// The current window ends, and so do those without letters up to `to`.
void Baseline::roll(std::int64_t to) {
  const auto end_one = [&](double count) {
    windows_ = std::min(windows_ + 1, kMemory);
    usual_ += (count - usual_) / static_cast<double>(windows_);
  };
  if (window_ >= 0) {
    end_one(static_cast<double>(count_));
    std::int64_t empty = to - window_ - 1;
    for (; empty > 0 && windows_ < kMemory; --empty) end_one(0);
    usual_ *= std::pow(1 - 1.0 / static_cast<double>(kMemory), static_cast<double>(empty));
  }
  window_ = to;
  count_ = 0;
  told_ = false;
}

std::optional<Baseline::Passed> Baseline::add(std::int64_t failed_us, std::int64_t now_us) {
  const std::int64_t window = failed_us / options_.window_us;
  if (window < window_ || failed_us > now_us + options_.window_us) return std::nullopt;
  if (window > window_) roll(window);
  ++count_;
  const double rate = per_minute(static_cast<double>(count_));
  const double usual = per_minute(usual_);
  if (told_ || rate < options_.min_per_minute || rate <= options_.factor * usual) return std::nullopt;
  if (window + 1 < now_us / options_.window_us) return std::nullopt;
  told_ = true;
  return Passed{window * options_.window_us, rate, usual};
}

}  // namespace eddy::host::webhook
