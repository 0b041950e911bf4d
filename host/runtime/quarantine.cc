// SPDX-License-Identifier: Apache-2.0
#include "runtime/quarantine.h"

#include <algorithm>

namespace eddy::host {

namespace {

using std::chrono::milliseconds;

}  // namespace

// Faults leave the window by time; a plugin that was healthy for long enough has none left, and starts anew.
void Quarantine::forget_old(const QuarantineSettings& settings, Instant now) {
  while (!faults_.empty() && now - faults_.front() > milliseconds(settings.window_ms)) faults_.pop_front();
  if (released_ && now - *released_ > milliseconds(settings.healthy_ms)) {
    released_.reset();
    last_ms_ = 0;
  }
}

bool Quarantine::fault(const QuarantineSettings& settings, const std::string& what, bool in_setup) {
  const Instant now = clock_.steady();
  forget_old(settings, now);
  faults_.push_back(now);
  setup_faults_ = in_setup ? setup_faults_ + 1 : 0;
  if (released_) {
    hold(settings, what + " again, " +
                       std::to_string(std::chrono::duration_cast<milliseconds>(now - *released_).count()) +
                       " ms after its release");
    return true;
  }
  if (setup_faults_ >= settings.max_setup_faults) {
    hold(settings, what + " in its set-up " + std::to_string(setup_faults_) + " times in a row");
    return true;
  }
  if (settings.max_faults == 0 || faults_.size() <= settings.max_faults) return false;
  hold(settings, what + ", the plugin's fault number " + std::to_string(faults_.size()) + " within " +
                     std::to_string(settings.window_ms) + " ms");
  return true;
}

void Quarantine::hold(const QuarantineSettings& settings, std::string why) {
  const std::uint64_t next = last_ms_ == 0 ? settings.initial_ms : std::uint64_t{last_ms_} * 2;
  last_ms_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(next, settings.max_ms));
  hold_for_good(std::move(why));
  until_ = clock_.steady() + milliseconds(last_ms_);
}

void Quarantine::hold_for_good(std::string why) {
  held_ = true;
  why_ = std::move(why);
  since_us_ = clock_.now_us();
  until_.reset();
}

void Quarantine::release() {
  held_ = false;
  until_.reset();
  released_ = clock_.steady();
  faults_.clear();
  setup_faults_ = 0;
}

std::optional<std::int64_t> Quarantine::until_us() const {
  if (!until_) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*until_ - clock_.steady());
  return clock_.now_us() + left.count();
}

}  // namespace eddy::host
