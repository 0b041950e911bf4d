// SPDX-License-Identifier: Apache-2.0
// A redrive as operators see it: what was asked for, and how far it has come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

struct RedriveSpec {
  std::string id{};
  std::string queue{};
  std::string to{};  // a stream; empty: each letter goes to the function that failed on it, and nobody else sees it
  std::string by{};  // who asked
  nlohmann::ordered_json filter{};   // as asked, see LetterFilter; without the values of `match`
  std::uint32_t rate = 0;            // letters per second at most; 0: as fast as they are taken
  double max_refailure_ratio = 0.5;  // it stops itself above that; 1: never
  bool over_budget = false;          // letters too that have used up their hops
  std::int64_t created_us = 0;
};

enum class RedriveState : std::uint8_t {
  kRunning,
  kPaused,     // by an operator
  kStopped,    // by itself: too much failed again
  kCancelled,  // for good
  kDone,       // all are sent, and what became of each is known if it can be
};
std::string_view name_of(RedriveState state);
std::optional<RedriveState> redrive_state(std::string_view name);

struct RedriveCounts {
  std::uint64_t selected = 0;
  std::uint64_t sent = 0;
  std::uint64_t left_out = 0;      // reached, and not sent
  std::uint64_t recovered = 0;     // sent, and delivered by their function
  std::uint64_t failed_again = 0;  // sent, and in the queue again
  bool operator==(const RedriveCounts&) const = default;
  std::uint64_t in_flight() const { return sent - std::min(sent, recovered + failed_again); }
};

struct RedriveStatus {
  RedriveSpec spec{};
  RedriveState state = RedriveState::kRunning;
  RedriveCounts counts{};
  std::map<std::string, std::uint64_t> left_out{};  // by reason
  std::string reason{};                             // of its state, if there is something to say
  std::string trouble{};                            // what it waits for now; empty: nothing
  std::int64_t ended_us = 0;                        // 0: it has not
  // Outcomes before the last resume: the ratio is taken over those since.
  std::uint64_t forgiven_recovered = 0, forgiven_failed = 0;
  // Queues that each function it sends to has written its failures to since: where to look for what failed again.
  std::map<std::string, std::set<std::string>> failure_queues{};

  bool ended() const { return state == RedriveState::kCancelled || state == RedriveState::kDone; }
};

// As the API answers, and as it is kept.
nlohmann::ordered_json to_json(const RedriveStatus& status);
// kCorrupt: it is not to_json()'s.
Result<RedriveStatus> read_redrive(const nlohmann::ordered_json& json);

}  // namespace eddy::host
