// SPDX-License-Identifier: Apache-2.0
#include "function/policy/breaker.h"

#include <fmt/format.h>

#include <algorithm>

namespace eddy::host {
namespace {

constexpr std::size_t kLongestMessage = 300;
constexpr std::int64_t kAskBreakerUs = 50'000;

// One line, cut between characters.
std::string shortened(std::string_view text) {
  std::size_t end = std::min(text.size(), kLongestMessage);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string out(text.substr(0, end));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return end < text.size() ? out + "..." : out;
}

std::int64_t microseconds(std::uint32_t milliseconds) { return std::int64_t{milliseconds} * 1000; }

}  // namespace

Breaker::Breaker(const BreakerSettings& settings, const Clock& clock) : clock_(clock) { configure(settings); }

void Breaker::configure(const BreakerSettings& settings) {
  const std::lock_guard lock(mutex_);
  const bool other_window =
      settings.window_ms != settings_.window_ms || settings.failure_ratio != settings_.failure_ratio;
  const bool was_enabled = settings_.enabled();
  settings_ = settings;
  enabled_.store(settings.enabled(), std::memory_order_relaxed);
  if (!settings.enabled()) streak_ = 0;
  if (other_window || !was_enabled) window_.reset(microseconds(settings.window_ms), clock_.now_us(), successes_.load());
  watch();
}

Breaker::Gate Breaker::admit_slowly() {
  const std::lock_guard lock(mutex_);
  if (state_.load(std::memory_order_relaxed) == State::kClosed) return Gate::kCall;
  if (left_us() <= 0) half_open();
  if (state_.load(std::memory_order_relaxed) == State::kOpen) return shut();
  if (probes_out_ + probes_worked_ >= settings_.probes) return shut();
  ++probes_out_;
  wait_for_reset();
  return Gate::kProbe;
}

void Breaker::succeeded_slowly(std::uint8_t watched, bool probe) {
  if ((watched & kCalls) != 0) successes_.fetch_add(1, std::memory_order_relaxed);
  if ((watched & kStreak) == 0 && !probe) return;
  const std::lock_guard lock(mutex_);
  switch (state_.load(std::memory_order_relaxed)) {
    case State::kClosed:
      streak_ = 0;
      watch();
      break;
    case State::kHalfOpen:
      // A call that began before the breaker opened says nothing about now.
      if (!probe) break;
      end_probe();
      if (++probes_worked_ >= settings_.probes) close();
      break;
    case State::kOpen:
      if (probe) end_probe();
      break;
  }
}

bool Breaker::failed(std::string_view type, std::string_view message, bool dependency_down, bool probe) {
  // Off, and nothing to open it: failures without end must not queue at the lock.
  if (!enabled_.load(std::memory_order_relaxed) && !probe && !dependency_down &&
      state_.load(std::memory_order_acquire) == State::kClosed) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (probe) end_probe();
  const State state = state_.load(std::memory_order_relaxed);
  if (state == State::kClosed) {
    if (!dependency_down) return count_failure(type, message);
    open("the function says that what it depends on is down", type, message);
  } else if (state == State::kHalfOpen && (probe || dependency_down)) {
    open("a probe failed", type, message);
  }
  return settings_.on_open == OnOpen::kDeadLetter;
}

void Breaker::released() {
  const std::lock_guard lock(mutex_);
  end_probe();
}

std::int64_t Breaker::due_us() const {
  const State state = this->state();
  if (state == State::kClosed) return 0;
  return clock_.now_us() + (state == State::kHalfOpen ? std::min(left_us(), kAskBreakerUs) : left_us());
}

std::int64_t Breaker::steady_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady().time_since_epoch()).count();
}

void Breaker::wait_for_reset() { due_us_.store(steady_us() + microseconds(settings_.reset_timeout_ms)); }

std::string Breaker::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

// While closed.
bool Breaker::count_failure(std::string_view type, std::string_view message) {
  if (!settings_.enabled()) return true;
  ++streak_;
  watch();
  const std::uint64_t most = settings_.consecutive_failures;
  if (most > 0 && streak_ >= most) {
    const bool within = streak_ == most;
    open(fmt::format("{} failures in a row", streak_), type, message);
    return within || settings_.on_open == OnOpen::kDeadLetter;
  }
  if (settings_.failure_ratio > 0) {
    const CallWindow::Share share = window_.failed(clock_.now_us(), successes_.load(std::memory_order_relaxed));
    if (share.calls >= settings_.min_calls && share.failures >= share.calls * settings_.failure_ratio) {
      open(fmt::format("{:.0f} of {:.0f} calls failed within {} ms", share.failures, share.calls, settings_.window_ms),
           type, message);
    }
  }
  return true;
}

void Breaker::open(std::string why, std::string_view type, std::string_view message) {
  reason_ = std::move(why) + ", the last: " + shortened(type) + ": " + shortened(message);
  streak_ = 0;
  wait_for_reset();
  epoch_.fetch_add(1, std::memory_order_release);
  state_.store(State::kOpen, std::memory_order_release);
  watch();
}

// Also from half-open, when what probes there were have been lost. Probes of before are taken as lost: each was let
// through longer ago than the reset timeout.
void Breaker::half_open() {
  probes_out_ = 0;
  probes_worked_ = 0;
  state_.store(State::kHalfOpen, std::memory_order_release);
}

void Breaker::close() {
  reason_.clear();
  streak_ = 0;
  window_.reset(microseconds(settings_.window_ms), clock_.now_us(), successes_.load());
  state_.store(State::kClosed, std::memory_order_release);
  watch();
}

void Breaker::watch() {
  std::uint8_t watched = streak_ > 0 ? kStreak : 0;
  if (settings_.enabled() && settings_.failure_ratio > 0) watched |= kCalls;
  watched_.store(watched, std::memory_order_relaxed);
}

void Breaker::end_probe() {
  if (probes_out_ > 0) --probes_out_;
}

}  // namespace eddy::host
