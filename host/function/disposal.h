// SPDX-License-Identifier: Apache-2.0
// What becomes of a record that failed: another attempt, a dead letter, or not now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "dead_letter/mask.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "function/binding.h"
#include "function/failure_cause.h"
#include "function/policy/policies.h"
#include "function/policy/retry.h"
#include "function/task.h"
#include "function/unit_counts.h"

namespace eddy::host {

// One per worker; keeps every buffer it needs from record to record. Not thread-safe.
class Disposal {
 public:
  Disposal(const Clock& clock, FunctionPolicies& policies) : clock_(clock), policies_(policies) {}

  void bind(const Binding& binding);

  // Decides, and writes the dead letter or the retry record into the session's unit. `letter`: what the record is, when
  // the function is over a queue, or what it was sent back from. `probe`: the breaker let it through as one. An error
  // means that nothing was decided.
  Result<Ending> dispose(const Task& task, const DeadLetter* letter, const FailureCause& cause, bool probe,
                         Session& session, UnitCounts& counts);

  // The unit has been committed, or was given up: letters that were kept in it count, or do not.
  void committed() { kept_.clear(); }
  void aborted();

 private:
  Result<Ending> again(const Task& task, const FailureCause& cause, Session& session, UnitCounts& counts);
  Result<Ending> dead_letter(const Task& task, const DeadLetter* letter, const FailureCause& cause, Session& session,
                             UnitCounts& counts);
  Result<Ending> count_letter(const Task& task, const FailureCause& cause, UnitCounts& counts);

  const Clock& clock_;
  FunctionPolicies& policies_;
  const Binding* binding_ = nullptr;
  std::optional<RetryPolicy> retry_;
  Mask mask_;
  LetterWriter writer_;
  RetryRecord retry_record_;
  std::vector<std::pair<std::string, LetterLimit::Verdict>> kept_;  // in this unit, while there are limits
};

}  // namespace eddy::host
