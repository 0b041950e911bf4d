// SPDX-License-Identifier: Apache-2.0
// The triage index: all dead letters by group, state and time, in a file of its own in data_dir.
//
// It holds nothing that the queues and the stream of states do not: a file that is gone, damaged or of another version
// is made anew and filled again. Looking consumes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/mask.h"
#include "stream/transport.h"
#include "triage/kept_letter.h"
#include "triage/letter_filter.h"
#include "triage/listing.h"

namespace eddy::host {

// What a catch-up has read.
struct CatchUp {
  std::uint64_t letters = 0;
  std::uint64_t states = 0;
  std::uint64_t strangers = 0;  // records that are no letters, or no states: passed over
  std::uint64_t gone = 0;       // letters that have left their queue since
};

// What of letters is hidden, of whatever function they are; an empty queue means all. Empty: nothing is.
struct TriageMasks {
  std::function<Mask(std::string_view queue)> of{};
  std::string identity{};  // another one for other pointers: an index that was filled with others is made anew
};

// Of a letter's newest version.
struct LetterStanding {
  LetterPlace place;
  LetterState state = LetterState::kOpen;
};

// Not thread-safe: one for each thread. Any number of them, in any number of processes, may work on one file at once.
class TriageIndex {
 public:
  // `source` tells one transport's queues from another's of the same names: an index of another source is made anew.
  // `transport` is used as long as the index.
  // `masks`: the index holds messages as they may be shown, as it has no originals to mask them by.
  static Result<std::unique_ptr<TriageIndex>> open(const std::string& data_dir, Transport& transport,
                                                   const std::string& source, const Clock& clock,
                                                   TriageMasks masks = {});
  static Result<std::unique_ptr<TriageIndex>> open(const std::string& data_dir, Transport& transport,
                                                   const std::string& source, TriageMasks masks = {});
  ~TriageIndex();

  // Reads what these queues, their parked ones and the stream of states have got since, and forgets what they hold no
  // longer. A parked queue's name means its queue. A queue that does not exist yet is empty. What is committed survives
  // kill -9, and is not read again. `stop` (may be empty) is asked between two batches; true ends it early.
  Result<CatchUp> catch_up(std::span<const std::string> queues, const std::function<bool()>& stop = {});

  // Queues that have ever been caught up with, by name.
  Result<std::vector<QueueSummary>> queues();
  // An empty queue means all. kUsage: the filter's `where` is not what it may be, or took longer than it may. A filter
  // with `match` reads the letters that the rest of it leaves; kRefused: it would tell what is hidden.
  Result<GroupPage> groups(const std::string& queue, const LetterFilter& filter, const Page& page);
  Result<LetterPage> letters(const std::string& queue, const LetterFilter& filter, const Page& page);
  // Places, in the order of the queue: by stream, partition, offset.
  Result<std::vector<LetterPlace>> select(const std::string& queue, const LetterFilter& filter);
  // Letters whose id begins like this, at most `limit`.
  Result<std::vector<LetterRow>> find(std::string_view id_prefix, std::size_t limit = 2);
  // Copies of letters whose id begins like this, at most `limit`: of each group a few are kept, for when their
  // retention has passed.
  Result<std::vector<KeptLetter>> kept(std::string_view id_prefix, std::size_t limit = 2);
  // Where one letter stands, and in what state; none: it is not in the index.
  Result<std::optional<LetterStanding>> standing_of(const std::string& id);
  // What is known of the state of one letter beside its name; none when no record has said anything that still holds.
  Result<std::optional<LetterStateRecord>> state_of(const std::string& id);
  // How long one `where` may take; 10 s if nothing else is said.
  void set_time_limit(std::chrono::milliseconds limit);

 private:
  struct State;
  explicit TriageIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
