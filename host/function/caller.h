// SPDX-License-Identifier: Apache-2.0
// How a worker calls its function: in its own thread (thread_caller.h), or in a worker process (process_caller.h).
#pragma once

#include <optional>
#include <span>

#include "base/record.h"
#include "base/result.h"
#include "function/binding.h"
#include "function/failure_cause.h"
#include "function/function_state.h"
#include "function/staging.h"
#include "function/task.h"
#include "metrics/counters.h"

namespace eddy::host {

// How the call with one record ended. Borrowed from the caller until its next call.
struct Called {
  std::optional<FailureCause> cause;  // none: it returned success
  std::optional<FaultKind> fault;     // what a cause counts as; none: the function was not called
  bool filtered = false;
  // The call left its image half-way through something: not called again here, or replaced with its process.
  bool faulted() const { return fault && *fault != FaultKind::kException; }
  double seconds = 0;                  // the call took; 0: this one was not measured
  std::uint32_t process_deaths = 0;    // worker processes that ended over it, and over what was sent with it
  std::uint32_t process_backoffs = 0;  // those whose successor had to wait
};

// One build of one function, set up for one worker. Belongs to the worker's thread; ends the function's instance when
// it is destroyed.
class FunctionCaller {
 public:
  virtual ~FunctionCaller() = default;

  // These records will be called next, in this order, unless something comes between: work on them may begin.
  virtual void expect(std::span<const Record> /*records*/) {}
  // Begins with a record: a cause when it is known already that it cannot be called. `letter`: what the record is, when
  // the function is over a queue; null also when it could not be read as one.
  virtual std::optional<FailureCause> prepare(const Task& task, const DeadLetter* letter) = 0;
  // Calls the function with what was prepared. An error: nothing can be called for now, and nothing was decided.
  virtual Result<Called> call() = 0;
  // What the last call has emitted, to be written when it returned success.
  virtual Staging& outputs() = 0;
  // What the function hands to its successor; none when it offers nothing, cannot, or has faulted.
  virtual std::optional<FunctionState> save() { return std::nullopt; }
  // Gives an instance that has run nothing yet what an earlier one has saved. An error says why it does not take it: it
  // may hold half of it, and is not to be called.
  virtual Result<void> load(const FunctionState& /*state*/) {
    return Error{Code::kRefused, "it is called where no state can be taken over"};
  }
  // A call has left the image half-way through something: nothing of it may be called again.
  virtual bool poisoned() const = 0;
  // One call in so many is measured.
  static constexpr std::uint32_t kTimeEvery = 16;

  const Binding& binding() const { return *binding_; }

 protected:
  explicit FunctionCaller(BindingPtr binding) : binding_(std::move(binding)) {}
  const BindingPtr binding_;
};

}  // namespace eddy::host
