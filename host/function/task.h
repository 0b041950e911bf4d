// SPDX-License-Identifier: Apache-2.0
// One record on its way through a function, and what became of it.
#pragma once

#include <cstdint>

#include "base/record.h"
#include "dead_letter/letter.h"
#include "function/policy/retry_record.h"
#include "stream/transport.h"

namespace eddy::host {

// What a worker of a function reads.
enum class Intake : std::uint8_t {
  kSource,    // the function's stream
  kRetries,   // its retry stream: records that wait there for another attempt
  kRedrives,  // its redrive stream: dead letters of its, sent back
};

// That a record is a dead letter's original, sent back to the function that failed on it. Borrowed.
struct Redriven {
  const DeadLetter* letter = nullptr;
  std::string_view redrive;  // the id of what sent it
  std::string_view queue;    // that the letter is in
};

struct Task {
  Record record;                  // as the function sees it; `attempts` calls were made before
  RecordOrigin origin;            // its identity in dead letters: where it was before it went through a retry stream
  std::uint32_t deaths = 0;       // processes that died with it
  std::string_view unreadable{};  // why it cannot be called with what was sent back; as long as the record
  const Redriven* redriven = nullptr;  // null: it is no letter sent back; else as long as the record
};

// kEnded: it is delivered, filtered, dead-lettered, or moved on to the retry stream. kHeld: it waits for its next
// attempt. kNotNow: nothing may be called before `wait.due_us`; it stays where it is, and so does all behind it.
struct Ending {
  enum class Kind : std::uint8_t { kEnded, kHeld, kNotNow };
  Kind kind = Kind::kEnded;
  Outcome outcome = Outcome::kDelivered;
  Wait wait;
  bool suspicious = false;  // its call failed by a cause that may lie behind the function: the breaker has counted it

  static Ending ended(Outcome outcome) { return {Kind::kEnded, outcome, {}, false}; }
  static Ending held(const Wait& wait) { return {Kind::kHeld, {}, wait, false}; }
  static Ending not_now(std::int64_t until_us) { return {Kind::kNotNow, {}, {0, until_us}, false}; }
};

}  // namespace eddy::host
