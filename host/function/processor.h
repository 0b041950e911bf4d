// SPDX-License-Identifier: Apache-2.0
// One record: decode, call, route. Whatever happens, it ends in exactly one of delivered, filtered, dead-lettered.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dead_letter/reader.h"
#include "function/call.h"
#include "function/disposal.h"
#include "function/instance.h"
#include "function/unit_counts.h"
#include "guard/journal.h"
#include "stream/transport.h"

namespace eddy::host {

// One per worker; keeps every buffer it needs from record to record. Not thread-safe.
class Processor {
 public:
  Processor(ThreadGuard& guard, const Clock& clock, FunctionPolicies& policies);

  // From now on with this function: makes an instance. kRefused when the plugin cannot set it up; the old instance is
  // gone all the same.
  Result<void> bind(BindingPtr binding);
  // Ends the instance.
  void unbind() { instance_.reset(); }

  // Processes a record and writes what comes of it into the session's unit. At max_deaths it is dead-lettered without
  // being run. An error means nothing was decided: the session cannot be written.
  Result<Ending> run(const Task& task, Session& session, UnitCounts& counts);

  // What became of the unit that the last records were run in.
  void committed() { disposal_.committed(); }
  void aborted() { disposal_.aborted(); }

  // True when the last run left the image poisoned: no further run until the next bind().
  bool poisoned() const { return poisoned_; }

 private:
  // The headers its outputs carry on: the record's, or those of the letter's original.
  std::span<const Header> inherited(const Record& record) const;
  std::optional<FailureCause> prepare(const Task& task, eddy_input& input);
  std::optional<FailureCause> killed(const Task& task, UnitCounts& counts);
  std::optional<FailureCause> prepare_value(const Record& record, eddy_input& input);
  std::optional<FailureCause> prepare_letter(const Record& record, eddy_input& input);
  std::optional<FailureCause> call(const eddy_input& input, UnitCounts& counts, bool& filtered);
  FailureCause fault_cause(Verdict verdict, UnitCounts& counts);
  Result<Ending> call_and_route(const Task& task, const eddy_input& input, bool probe, Session& session,
                                UnitCounts& counts);
  Result<Outcome> deliver(const Record& record, bool filtered, Session& session, UnitCounts& counts);

  ThreadGuard& guard_;
  const Clock& clock_;
  eddy_call call_;
  std::unique_ptr<Instance> instance_;
  const Binding* binding_ = nullptr;
  FunctionPolicies& policies_;
  Disposal disposal_;
  Decoder decoder_;
  LetterReader reader_;
  std::uint32_t until_timed_ = 0;  // calls until the next one that is timed
  bool poisoned_ = false;

  // Of the record at hand.
  const DeadLetter* letter_ = nullptr;
  eddy_record abi_record_{};
  eddy_dead_letter abi_letter_{};
  std::vector<eddy_header> abi_headers_;
  std::string cause_type_, cause_message_;
  LetterFault fault_;
};

}  // namespace eddy::host
