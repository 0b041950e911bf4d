// SPDX-License-Identifier: Apache-2.0
// The unit of work of a table: records become rows, the rows that the database refuses become dead letters, and each
// record ends exactly once.
//
// The table is written first, with the feed's positions and its refusals in the same transaction; then dead letters and
// the stream's positions are committed. After a death between the two the records come again, are found settled, and
// only their dead letters are written again: from the refusals that the table keeps. They are a batch of their own, so
// that the table goes on keeping them should this one die as well.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "metrics/counters.h"
#include "model/decoder.h"
#include "stream/transport.h"
#include "table/feed_batch.h"
#include "table/feed_spec.h"
#include "table/table_sink.h"

namespace eddy::host {

// Not thread-safe. What it is given outlives it.
class Feed {
 public:
  Feed(const FeedSpec& spec, Transport& transport, Session& session, TableSink& sink, const Clock& clock,
       WorkerCounters& counters);

  // Gathers records until the batch is full or old enough, and settles them: in the table, or as dead letters in the
  // session's open unit. Returns how many; the caller commits the session and says so, or gives up.
  Result<std::size_t> run(std::chrono::milliseconds wait);
  // [after the session's commit] Counts what run() did.
  void committed();
  // [before the session's abort] Nothing that is known of the table holds any more.
  void gave_up() { standings_.clear(); }

 private:
  using Place = std::pair<std::uint32_t, std::int64_t>;  // partition, offset

  // Where the table stands in one partition.
  struct Standing {
    std::int64_t next = -1;     // as the table says
    std::int64_t settled = -1;  // records below have ended in the table; not so after the group was set back
    std::vector<Refusal> refused;
  };

  Result<void> gather(std::chrono::milliseconds wait);
  Result<void> settle();
  Result<Standing*> standing(std::uint32_t partition);
  void take(const Record& record, Standing& standing);
  bool waits(const Record& record) const;
  const eddy_value* row_of(const Record& record);
  void refuse(const Record& record, std::string code, std::string message);
  Result<void> settle_stream();
  Result<void> write_table();
  Result<void> end_records();
  Result<void> write_letter(const Record& record, const Refusal& refusal);

  const FeedSpec& spec_;
  const std::string name_;
  Transport& transport_;
  Session& session_;
  TableSink& sink_;
  const Clock& clock_;
  WorkerCounters& counters_;

  Decoder decoder_;
  LetterReader reader_;
  LetterWriter writer_;
  Arena letters_;  // rows of dead letters

  FeedBatch batch_;
  std::map<std::uint32_t, Standing> standings_;  // by partition
  std::map<std::uint32_t, FeedRange> ranges_;
  std::set<std::uint32_t> repeated_;  // partitions with records in this batch that one before it has settled
  std::vector<TableRow> rows_;
  std::vector<Refusal> refusals_;           // of this batch's records, by the model
  std::map<Place, Refusal> refused_;        // all of this batch, by the model, by the table, and of a batch before
  std::size_t written_ = 0, filtered_ = 0;  // of this batch
};

}  // namespace eddy::host
