// SPDX-License-Identifier: Apache-2.0
// One record on its way through a function, and what became of it.
#pragma once

#include <cstdint>

#include "base/record.h"
#include "function/policy/retry_record.h"
#include "stream/transport.h"

namespace eddy::host {

struct Task {
  Record record;             // as the function sees it; `attempts` calls were made before
  RecordOrigin origin;       // its identity in dead letters: where it was before it went through a retry stream
  std::uint32_t deaths = 0;  // processes that died with it
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
