// SPDX-License-Identifier: Apache-2.0
// The memory of idempotency keys that outlives the host: the stream `eddy_idempotency`.
//
// A request with a key is written in three steps, and each record of it carries the header `eddy-idempotency-key` with
// the route and the key:
//   1. its intent, with the whole answer, which is known by then, is appended to `eddy_idempotency`;
//   2. its dead letters and its records are appended, the records all or none;
//   3. a mark that it is done is appended, later, with the intents of a following round, or when the host stops.
// What a crash leaves behind:
//   - before 1: nothing; the retry is a new request;
//   - between 1 and 2, or in 2 before the records: an intent, and no record with the header. The next start looks for
//     one, finds none and forgets the key; the retry is appended. (Its letters may be there twice, with the same ids.)
//   - after the records, before 3: an intent, and records with the header. The next start finds them and remembers the
//     answer; the retry gets it.
//   - after 3: the answer is remembered.
// The same search is made when an append has failed without saying whether it took place, before it is tried again.
// Entries that say where a stream ended stand between the intents: the records of an intent are not below the last of
// them before it. Intents of earlier versions have none, and their records are looked for by time.
// A request that has letters and no records cannot be found by its records: its retry writes the letters again, under
// the same ids.
// The memory is one host's: hosts that share a broker share the stream, and read each other's entries when they start.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "ingest/append_job.h"
#include "ingest/idempotency_entries.h"
#include "ingest/idempotency_keys.h"
#include "ingest/tail_search.h"
#include "stream/transport.h"

namespace eddy::host {

inline constexpr std::string_view kIdempotencyHeader = "eddy-idempotency-key";

// Not thread-safe: the appender's, after open().
class IdempotencyJournal {
 public:
  // Makes the stream when it is missing, as open() does too, with so many copies.
  static Result<StreamId> make_stream(Transport& transport, std::uint32_t replication = 1);

  // Makes the stream when it is missing, reads what it says of the last 24 hours into `keys`, and settles what an
  // earlier life has left open.
  static Result<std::unique_ptr<IdempotencyJournal>> open(Transport& transport, const Clock& clock,
                                                          IdempotencyKeys& keys);

  // Appends the intents of these jobs, and the marks of those that are done.
  Result<void> begin(const std::vector<AppendJob*>& jobs);
  void done(const AppendJob& job);
  // True when the stream has records of this job's key.
  Result<bool> records_there(const AppendJob& job);
  // Appends the marks that still wait.
  void flush();

 private:
  struct KnownEnds {
    StreamEnds ends;
    std::chrono::steady_clock::time_point until;  // then they are asked for again
    std::string entry;
  };

  IdempotencyJournal(Transport& transport, const Clock& clock, StreamId stream)
      : transport_(transport), clock_(clock), stream_(stream) {}
  Result<void> load(IdempotencyKeys& keys);
  Result<void> settle(PastIntents& pasts);
  Result<void> append(const std::vector<AppendJob*>& jobs);
  StreamEnds note_ends(std::string_view stream);

  Transport& transport_;
  const Clock& clock_;
  const StreamId stream_;
  std::vector<std::string> marks_;  // ids of keys that are done and not marked yet
  std::vector<OutRecord> entries_;
  std::map<std::string, KnownEnds, std::less<>> ends_;  // by stream
  std::unordered_map<std::string, StreamEnds> open_;    // by the id of a key that has begun and is not done
};

}  // namespace eddy::host
