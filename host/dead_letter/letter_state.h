// SPDX-License-Identifier: Apache-2.0
// What became of a dead letter after it was written, and the record that says so. FORMAT.md has the form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/record.h"
#include "base/result.h"

namespace eddy::host {

// The stream of all state records: keyed by the letter's id, so that compaction keeps the last of each.
inline constexpr const char* kStateStream = "eddy_dead_letter_states";

enum class LetterState : std::uint8_t {
  kOpen,       // nothing has been done about it, or it has failed again since
  kRecovered,  // a function has delivered it: a recovery function, or the failed one after a redrive
  kRedriven,   // sent back, and what became of it is not known yet, or cannot be known
  kDiscarded,  // closed by an operator
  kParked,     // in the parked queue: it has failed too often
};

std::string_view name_of(LetterState state);  // "open", …
std::optional<LetterState> letter_state(std::string_view name);

// It is about the letter as it was at `hops`: a letter that has failed again since has more, and is open again.
struct LetterStateRecord {
  std::string id{};
  std::string queue{};
  LetterState state = LetterState::kRecovered;  // never kOpen or kParked: those follow from where the letter stands
  std::uint32_t hops = 0;
  std::int64_t at_us = 0;
  std::string by{};               // the function that delivered it, or who has asked for it
  std::string redrive{};          // the redrive it was sent back by; empty: none
  std::string reason{};           // of an operator
  std::int64_t recovery_us = -1;  // from its first failure to its delivery; -1: not recovered, or not known
  bool operator==(const LetterStateRecord&) const = default;
};

// Keeps its buffer. Not thread-safe.
class LetterStateWriter {
 public:
  // Valid until the next call.
  const OutRecord& write(const LetterStateRecord& record);

 private:
  std::string key_, value_;
  OutRecord out_;
};

// `record` is padded as Session::poll says. kBadData: it is no state record; says what is wrong.
Result<LetterStateRecord> read_letter_state(const Record& record);

}  // namespace eddy::host
