// SPDX-License-Identifier: Apache-2.0
// Where a session stands in one of its partitions.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/progress.h"

namespace eddy::host::kafka {

// Not thread-safe. Kafka's offsets have gaps (markers, aborted records, compaction), so progress is what was seen to
// end, and what the broker said is the end.
class Place {
 public:
  // At what the group has committed. Also after abort(): what was held is to be handed out again.
  void start(Progress progress);
  void stop() { assigned_ = false; }
  bool assigned() const { return assigned_; }
  const Progress& stored() const { return stored_; }

  // Of a record that came from the broker, in order: whether it is to be handed out.
  bool admit(std::int64_t offset);
  // The broker has given all below.
  void reach_end(std::int64_t offset);
  // Of a record that was held when this session got the partition, and has not been ended or held since; else null.
  const Wait* handed_on(std::int64_t offset) const;

  void end(std::int64_t offset, Outcome outcome);
  void hold(std::int64_t offset, const Wait& wait);
  bool open(std::int64_t offset) const;  // neither ended nor held
  bool touched() const { return touched_; }

  // The position to be committed, markers at the end counted as passed. False: it is what is stored.
  bool prepare();
  const Progress& pending() const { return pending_; }
  void commit();
  // Whether nothing has come since this was last asked.
  bool quiet();
  std::int64_t next() const { return next_; }  // the broker has given all below
  // Back to what is stored. True: the fetcher must go back too.
  bool rewind();

  bool paused = false;     // by the user
  int stalled = 0;         // times that it was found to give nothing, though there is more
  bool must_seek = false;  // the fetcher stands elsewhere: what it gives is not to be admitted

 private:
  bool unclaimed(std::int64_t offset) const;
  void claim(std::int64_t offset);
  void drop_missing(std::int64_t below);

  bool assigned_ = false;
  bool touched_ = false;  // ended or held something since the last commit
  Progress stored_;
  Progress pending_;
  std::vector<std::int64_t> unclaimed_;  // held by who had the partition before, by offset
  std::size_t seen_ = 0;                 // of those, how many came from the broker
  std::int64_t next_ = 0;
  std::int64_t last_next_ = -1;  // when quiet() was asked
  std::int64_t admitted_ = 0;    // one above the last record admitted
  std::int64_t end_ = 0;
};

}  // namespace eddy::host::kafka
