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
  std::uint32_t replication = 1;     // copies of each partition; where a transport keeps more than one
  // Records as large as this should fit, where a stream has a limit of its own, and when it is made; 0: the default.
  std::size_t max_record_bytes = 0;
  // Of each key the last record is kept for ever and others need not be, where a transport can do that when the stream
  // is made; elsewhere retention_days holds.
  bool compacted = false;
};

// A stream as it is.
struct StreamInfo {
  std::string name;
  std::uint32_t partitions = 0;
  std::uint32_t retention_days = 0;
  std::uint64_t records =
      0;  // held now, over all partitions; on Kafka offsets, of which markers and compaction take some
  std::uint64_t bytes = 0;  // 0 where the transport does not know
};

// A stream of one transport, for writing; valid as long as the transport. Cheap to copy.
enum class StreamId : std::uint32_t {};

// How a record's processing ended. Exactly one of these for every position. kMoved: it goes on in a retry stream of the
// same function, and is counted where it ends there.
enum class Outcome : std::uint8_t { kDelivered, kFiltered, kDeadLettered, kMoved };

// Lifetime counts of a group over one partition. They are stored with the position, so they are as exact as it is.
struct Tally {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t moved = 0;
  bool operator==(const Tally&) const = default;
  bool empty() const { return *this == Tally(); }
  void count(Outcome outcome);
  Tally& operator+=(const Tally& more);
};

// Why a held record waits: stored with its partition's position, so that it survives restarts and moves of the
// partition.
struct Wait {
  std::uint32_t attempts = 0;  // calls made; 0: it only waits behind another record of its key
  std::int64_t due_us = 0;     // wall clock, kept to the millisecond; 0 with attempts 0
  bool operator==(const Wait&) const = default;
};

// Records that may be held per partition: what fits into the metadata that Kafka keeps with an offset.
inline constexpr std::size_t kMostHeld = 256;

// Where a group stands in one partition.
struct Position {
  std::uint32_t partition = 0;
  std::int64_t begin = 0;      // oldest offset held
  std::int64_t committed = 0;  // the lowest offset that has not ended
  std::int64_t end = 0;        // next offset to be written
  std::uint32_t held = 0;      // records held at `committed` and above
  Tally tally;
  bool operator==(const Position&) const = default;
};

enum class Delivery : std::uint8_t { kExactlyOnce, kAtLeastOnce };

struct SessionSpec {
  std::string group;         // consumer group; one for each function
  std::string stream;        // source
  std::uint32_t worker = 0;  // of `workers` in this process; an embedded partition p goes to worker p % workers
  std::uint32_t workers = 1;
  Delivery delivery = Delivery::kExactlyOnce;  // the embedded store gives exactly once at no cost, always
};

// One worker's end of the data path: its consumer and its producer. Not thread-safe, wake() excepted.
// A session starts at the group's committed positions, or at the oldest record for a new group.
class Session {
 public:
  virtual ~Session() = default;

  // The next records of this worker's partitions, in order within a partition; empty when none came within `wait`,
  // after wake(), while paused, or when the unit should end now because partitions must be given away (they are, by the
  // first poll after it). The span and all it points to are valid until the next poll, commit or abort. Each
  // value, if not null, is followed by at least 64 readable bytes (what simdjson asks for).
  virtual Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) = 0;

  // Adds a record to the unit; copies it. Fails at once when it can never be written: kTooLarge with the limit in the
  // text when it is larger than the stream takes, kBadData when it names a partition that is not there, or a time that
  // the stream does not take. Nothing of a failed write remains in the unit. A record whose timestamp is 0 gets the
  // time of its writing.
  virtual Result<void> write(StreamId to, const OutRecord& record) = 0;
  // The error that write() would have for it, without writing: for records that are to be written together or not at
  // all.
  virtual Result<void> check(StreamId to, const OutRecord& record) = 0;

  // Marks a polled or a held record as ended. What was polled and is neither ended nor held by the next commit is
  // polled again after it; it must be the last of its partition's polled records.
  virtual void end(std::uint32_t partition, std::int64_t offset, Outcome outcome) = 0;
  void end(const Record& record, Outcome outcome) { end(record.partition, record.offset, outcome); }

  // Leaves a polled record open while later ones of its partition may end: the committed position stays below it, and
  // from the next commit on `wait` is stored with the position. It is not polled again, unless by abort() or by the
  // session that has its partition next, which gets it with Record::attempts and due_us; so whoever holds a record
  // keeps a copy. Held again: the new wait counts. At most kMostHeld per partition.
  virtual void hold(const Record& record, const Wait& wait) = 0;

  // Makes the unit durable and visible: writes, positions and tallies together. A unit without any is free.
  // On error nothing of it is visible; the caller may call commit() again, or abort(). kConflict: only abort() helps,
  // as another session of the group has taken a partition over, or the unit as it is can never be committed.
  virtual Result<void> commit() = 0;

  // Forgets the unit and all holds; the next poll starts again at the committed positions. Partitions stay paused.
  virtual Result<void> abort() = 0;

  virtual void pause() = 0;  // polls return nothing, membership is kept
  virtual void resume() = 0;
  virtual void pause(std::uint32_t partition) = 0;  // polls leave out its records
  virtual void resume(std::uint32_t partition) = 0;
  // The partitions that the last poll gave away: what was held or paused of them is another session's now. Valid until
  // the next poll.
  virtual std::span<const std::uint32_t> lost() const = 0;
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

  // Appends records from outside (ingest, `eddy put`), all or none; when it returns they survive a power cut, and so
  // does what was committed before, also when there are no records.
  virtual Result<void> append(StreamId to, std::span<const OutRecord> records) = 0;

  // Largest key + value + headers of one record of this stream.
  virtual std::size_t max_record_bytes(StreamId stream) const = 0;

  // Deletes what retention allows; called now and then by the runtime. Returns the number of records deleted.
  virtual Result<std::uint64_t> apply_retention(std::int64_t now_us) = 0;
};

}  // namespace eddy::host
