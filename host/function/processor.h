// SPDX-License-Identifier: Apache-2.0
// One record: decode, call, route. Whatever happens, it ends in exactly one of delivered, filtered, dead-lettered.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "function/call.h"
#include "function/instance.h"
#include "function/unit_counts.h"
#include "guard/journal.h"
#include "stream/transport.h"

namespace eddy::host {

// One per worker; keeps every buffer it needs from record to record. Not thread-safe.
class Processor {
 public:
  Processor(ThreadGuard& guard, const Clock& clock);

  // From now on with this function: makes an instance. kRefused when the plugin cannot set it up; the old instance is
  // gone all the same.
  Result<void> bind(BindingPtr binding);
  // Ends the instance.
  void unbind() { instance_.reset(); }

  // Processes a record and writes what comes of it into the session's unit. `deaths`: processes that died with it
  // before; at max_deaths it is dead-lettered without being run. An error means nothing was decided: the session cannot
  // be written.
  Result<Outcome> run(const Record& record, std::uint32_t deaths, Session& session, UnitCounts& counts);

  // True when the last run left the image poisoned: no further run until the next bind().
  bool poisoned() const { return poisoned_; }

 private:
  // A failure of the record at hand, before it is a dead letter. The texts live in the processor or in the call.
  struct Cause {
    std::string_view type;
    std::string_view message;
    const LetterFault* fault = nullptr;
    std::uint32_t attempts = 1;
  };

  // The headers its outputs carry on: the record's, or those of the letter's original.
  std::span<const Header> inherited(const Record& record) const;
  std::optional<Cause> prepare(const Record& record, eddy_input& input);
  std::optional<Cause> prepare_value(const Record& record, eddy_input& input);
  std::optional<Cause> prepare_letter(const Record& record, eddy_input& input);
  std::optional<Cause> call(const eddy_input& input, UnitCounts& counts, bool& filtered);
  Cause fault_cause(Verdict verdict, UnitCounts& counts);
  Result<Outcome> deliver(const Record& record, bool filtered, Session& session, UnitCounts& counts);
  Result<Outcome> dead_letter(const Record& record, const Cause& cause, Session& session, UnitCounts& counts);

  ThreadGuard& guard_;
  const Clock& clock_;
  eddy_call call_;
  std::unique_ptr<Instance> instance_;
  const Binding* binding_ = nullptr;
  Decoder decoder_;
  LetterReader reader_;
  LetterWriter writer_;
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
