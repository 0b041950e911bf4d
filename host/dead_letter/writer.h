// SPDX-License-Identifier: Apache-2.0
// Builds dead letters. The envelope is spliced, never re-serialised: the original's bytes go in as they are.
#pragma once

#include <memory>
#include <string_view>

#include "base/record.h"
#include "dead_letter/letter.h"

namespace eddy::host {

// One per worker: keeps its buffers. Not thread-safe. The record returned, and all it points to, is valid until the
// next call, and as long as the record it was made of. Never fails: what does not fit sheds frames, then the headers
// that were added, then becomes a pointer to its origin.
class LetterWriter {
 public:
  LetterWriter();
  ~LetterWriter();

  // A record that failed in a function over a stream. `record` is padded as Session::poll says.
  const OutRecord& write(const Record& record, const Failure& failure, const QueueOptions& options);

  // A letter that failed in a function over its queue, or again in the function that it was sent back to
  // (Failure::redriven). `letter` as read from `record`, or `record` its original. Error facts are replaced, attempts
  // and hops go up; origin, id, digest and first failure stay. Whether it goes back to the queue or to the parked one
  // is said by `parked()` afterwards.
  const OutRecord& write_again(const Record& record, const DeadLetter& letter, const Failure& failure,
                               const QueueOptions& options);
  // A corrected copy of a letter, with `original` in place of its own: a letter of its own, about the failure that made
  // the first one, that names what it was made of. `at_us`: when; retention counts from there. The fault stays with the
  // first one.
  const OutRecord& write_edited(const DeadLetter& letter, Bytes original, std::int64_t at_us,
                                const QueueOptions& options);
  bool parked() const;
  // Of the letter written last: its original is too large for the queue, and it only points to where that is.
  bool pointer() const;

  // Of the letter written last; valid until the next.
  std::string_view id() const;
  std::string_view fingerprint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
