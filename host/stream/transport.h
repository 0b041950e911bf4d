// SPDX-License-Identifier: Apache-2.0
// The whole interface of the data path: streams, and the unit of work over them.
//
// A unit of work begins with the first poll after a commit. Everything written in it, and the positions of every record
// marked ended in it, become visible together at commit(), or not at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"

namespace eddy::host {

// A stream as wanted. Declared streams are created when missing; an existing one is never shrunk.
struct StreamSpec {
  std::string name;
  std::uint32_t partitions = 1;
  std::uint32_t retention_days = 7;  // 0: for ever
};

// A stream as it is.
struct StreamInfo {
  std::string name;
  std::uint32_t partitions = 0;
  std::uint32_t retention_days = 0;
  std::uint64_t records = 0;  // held now, over all partitions
  std::uint64_t bytes = 0;
};

// A stream of one transport, for writing; valid as long as the transport. Cheap to copy.
enum class StreamId : std::uint32_t {};

// How a record's processing ended. Exactly one of these for every position.
enum class Outcome : std::uint8_t { kDelivered, kFiltered, kDeadLettered };

// Lifetime counts of a group over one partition. They are stored with the position, so they are as exact as it is.
struct Tally {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead_lettered = 0;
  bool operator==(const Tally&) const = default;
};

// Where a group stands in one partition.
struct Position {
  std::uint32_t partition = 0;
  std::int64_t begin = 0;      // oldest offset held
  std::int64_t committed = 0;  // next offset to be processed
  std::int64_t end = 0;        // next offset to be written
  Tally tally;
  bool operator==(const Position&) const = default;
};

struct SessionSpec {
  std::string group;         // consumer group; one for each function
  std::string stream;        // source
  std::uint32_t worker = 0;  // of `workers` in this process; an embedded partition p goes to worker p % workers
  std::uint32_t workers = 1;
};

// One worker's end of the data path: its consumer and its producer. Not thread-safe, wake() excepted.
// A session starts at the group's committed positions, or at the oldest record for a new group.
class Session {
 public:
  virtual ~Session() = default;

  // The next records of this worker's partitions, in order within a partition; empty when none came within `wait`,
  // after wake(), or while paused. The span and all it points to are valid until the next poll, commit or abort. Each
  // value, if not null, is followed by at least 64 readable bytes (what simdjson asks for).
  virtual Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) = 0;

  // Adds a record to the unit; copies it. Fails at once when it can never be written: kBadData with the limit in the
  // text when it is larger than max_record_bytes() or names a partition that is not there. Nothing of a failed write
  // remains in the unit. A record whose timestamp is 0 gets the time of its writing.
  virtual Result<void> write(StreamId to, const OutRecord& record) = 0;

  // Marks a polled record as ended, in the order it was polled. What was polled and not ended by the next commit is
  // polled again after it.
  virtual void end(const Record& record, Outcome outcome) = 0;

  // Makes the unit durable and visible: writes, positions and tallies together. A unit without any is free.
  // On error nothing of it is visible; the caller may call commit() again, or abort(). kUnavailable also when another
  // session of the group has taken a partition over: then only abort() helps.
  virtual Result<void> commit() = 0;

  // Forgets the unit; the next poll starts again at the committed positions.
  virtual Result<void> abort() = 0;

  virtual void pause() = 0;  // polls return nothing, membership is kept
  virtual void resume() = 0;
  virtual void wake() = 0;  // [any thread] ends a poll that waits; sticky for one poll
};

// Reads without a group: browsing never consumes. Not thread-safe.
class Browser {
 public:
  virtual ~Browser() = default;
  // Up to `max_records` records of one partition from `offset` on (or the oldest held); empty at the end. Validity and
  // padding as Session::poll.
  virtual Result<std::span<const Record>> read(std::uint32_t partition, std::int64_t offset,
                                               std::size_t max_records) = 0;
  // Waits until the stream may have grown, at most `wait`.
  virtual void wait(std::chrono::milliseconds wait) = 0;
};

// Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Result<StreamId> ensure_stream(const StreamSpec& spec) = 0;
  virtual Result<StreamId> find_stream(std::string_view name) = 0;  // kBadData when there is none
  virtual Result<std::vector<StreamInfo>> list_streams() = 0;
  virtual Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) = 0;

  virtual Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) = 0;
  virtual Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) = 0;

  // Appends records from outside (ingest, `eddy put`), all or none; when it returns they survive a power cut.
  virtual Result<void> append(StreamId to, std::span<const OutRecord> records) = 0;

  // Largest key + value + headers of one record.
  virtual std::size_t max_record_bytes() const = 0;

  // Deletes what retention allows; called now and then by the runtime. Returns the number of records deleted.
  virtual Result<std::uint64_t> apply_retention(std::int64_t now_us) = 0;
};

}  // namespace eddy::host
