// SPDX-License-Identifier: Apache-2.0
// What the configuration says about failures: when a record is tried again, when a function stops trying, how many dead
// letters are kept. host/function/policy makes it work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eddy::host {

enum class RetryMode : std::uint8_t { kInPlace, kStream };
enum class Order : std::uint8_t { kPartition, kKey };
enum class OnOpen : std::uint8_t { kPause, kDeadLetter };
enum class OnOverflow : std::uint8_t { kPause, kSample };

struct RetrySettings {
  std::uint32_t max_attempts = 1;  // the first call counted
  std::uint32_t initial_interval_ms = 1000;
  double multiplier = 2.0;
  std::uint32_t max_interval_ms = 60'000;
  double jitter = 0.2;  // 0 to 1: the pause is up to this share shorter or longer
  RetryMode mode = RetryMode::kInPlace;
  std::vector<std::string> on = {"*"};  // globs on the error type
  std::vector<std::string> never_on = {"ValidationError", "ParseError", "SIG*"};
  bool operator==(const RetrySettings&) const = default;
};

struct BreakerSettings {
  bool given = false;        // a section has one of the keys below
  double failure_ratio = 0;  // 0: not judged
  std::uint32_t min_calls = 10;
  std::uint32_t window_ms = 60'000;
  std::uint32_t consecutive_failures = 5;  // 0: not judged
  std::uint32_t reset_timeout_ms = 60'000;
  std::uint32_t probes = 1;
  OnOpen on_open = OnOpen::kPause;
  std::uint32_t retract_ms = 0;  // 0: off
  // False: only a failure that says its dependency is down opens it.
  bool enabled() const { return given && (failure_ratio > 0 || consecutive_failures > 0); }
  bool operator==(const BreakerSettings&) const = default;
};

struct LetterLimits {
  double sample = 1.0;
  std::uint32_t max_per_second = 0;  // 0: no cap
  OnOverflow on_overflow = OnOverflow::kPause;
  bool operator==(const LetterLimits&) const = default;
};

}  // namespace eddy::host
