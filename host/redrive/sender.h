// SPDX-License-Identifier: Apache-2.0
// Sends the letters of a selection, each in one unit of work with the word that it was sent: exactly once, whatever
// dies in between.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/clock.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/reader.h"
#include "dead_letter/redrive_record.h"
#include "redrive/letter_router.h"
#include "redrive/redrive.h"
#include "redrive/selection.h"
#include "triage/triage_index.h"

namespace eddy::host {

// What a redrive works with; outlives it.
struct RedriveContext {
  Transport& transport;
  const Clock& clock;
  FunctionTargets targets;
  // A triage index for the calling thread.
  std::function<Result<std::unique_ptr<TriageIndex>>()> open_index;
  // TriageMasks::identity of what open_index gives now; empty: it is always the same.
  std::function<std::string()> masks{};
};

// Reads the queue with a group of its own. Not thread-safe.
class Sender {
 public:
  // Called before the first letter is sent to a function; an error: it is not sent now.
  using Meet = std::function<Result<void>(const std::string& function)>;

  // The group is that of the redrive: where it stopped, the next one with its id goes on.
  static Result<std::unique_ptr<Sender>> open(const RedriveContext& context, const RedriveSpec& spec,
                                              const Selection& selection, Meet meet);

  // One unit: up to `most` letters, if some come within `wait`. An error: nothing of it was sent; try again. The
  // reasons of what was left out are added to `left_out`.
  Result<std::uint64_t> send(std::chrono::milliseconds wait, std::uint64_t most,
                             std::map<std::string, std::uint64_t>& left_out);
  // Instead of send(), while nothing may be sent: keeps its place.
  Result<void> idle(std::chrono::milliseconds wait);
  void wake() { session_->wake(); }  // [any thread]

  // Letters that were reached and committed: sent, or left out. Asks the transport.
  Result<std::uint64_t> reached() const;
  // Streams that letters were sent to, by the function that reads them.
  const std::map<std::string, std::string>& streams() const { return streams_; }

 private:
  Sender(const RedriveContext& context, const RedriveSpec& spec, const Selection& selection, Meet meet);
  Result<void> catch_up();
  Result<void> take(const Record& record, const Selection::Letter& wanted);
  Result<void> write(const Record& record, const DeadLetter& letter, const LetterRoute& route);
  Result<void> write_elements(const LetterRoute& route, StreamId to);
  Result<void> write_states(const DeadLetter& letter, bool recovered);
  void leave_out(const Record& record, const std::string& reason);
  Result<bool> is_as_selected(const Record& record, const Selection::Letter& wanted);
  Result<StreamId> id_of(const LetterRoute& route);
  Result<void> abort(const Error& why);

  const RedriveContext& context_;
  const RedriveSpec& spec_;
  const Selection& selection_;
  const Meet meet_;
  const std::string group_;
  const std::string queue_;  // whose letters they are, also where they are parked
  LetterRouter router_;
  std::unique_ptr<TriageIndex> index_;
  std::string masks_;  // of the index
  std::unique_ptr<Session> session_;
  bool paused_ = false;
  LetterReader reader_;
  RedriveRecord wrapper_;
  LetterStateWriter states_;
  std::vector<std::int64_t> recovered_us_;  // through APIs, in the unit
  StreamId states_id_{};
  std::map<std::string, StreamId> ids_;         // by stream
  std::map<std::string, std::string> streams_;  // by function

  // Of the unit at hand.
  std::uint64_t sent_ = 0;
  std::map<std::string, std::uint64_t> left_out_;
};

}  // namespace eddy::host
