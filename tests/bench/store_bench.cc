// SPDX-License-Identifier: Apache-2.0
// The embedded store against a bare loop over the same SQLite layout, in one process, in turns.
//
//   bench_store [--benchmark_filter=…]
//
// Both loops read chunks, copy every 200-byte record into chunks of another stream, and store the position, all in one
// transaction a unit. `records` are per second of wall clock, `cpu_per_million` is processor seconds.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "bench/measure.h"
#include "stream/embedded/chunk.h"
#include "stream/embedded/embedded.h"

namespace eddy::host {

namespace {

using bench::cpu_seconds;

constexpr std::size_t kRecords = 400'000;
constexpr std::size_t kValueBytes = 200;
constexpr std::size_t kAppendBatch = 1000;

// An error here is the bench's own: nothing to measure then.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << result.error().text << '\n';
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Reports what was done between its construction and its end.
class Meter {
 public:
  explicit Meter(benchmark::State& state) : state_(state), cpu_(cpu_seconds()) {}
  void finish(std::size_t records) {
    const auto done = static_cast<double>(records);
    state_.counters["records"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
    state_.counters["cpu_per_million"] = (cpu_seconds() - cpu_) / done * 1e6;
  }

 private:
  benchmark::State& state_;
  const double cpu_;
};

// A data directory with a stream "source" full of records and an empty stream "out".
class Bed {
 public:
  Bed() {
    std::string pattern = (std::filesystem::temp_directory_path() / "eddy-bench-XXXXXX").string();
    data_dir_ = ::mkdtemp(pattern.data());
    transport_ = must(open_embedded({.data_dir = data_dir_}));
    must(transport_->ensure_stream({"source", 1, 7}));
    out_ = must(transport_->ensure_stream({"out", 1, 7}));
  }
  ~Bed() {
    transport_.reset();
    std::filesystem::remove_all(data_dir_);
  }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  // As the units of a function would: without an fsync each.
  void fill(std::size_t records) {
    auto session = must(transport_->open_session({"fill", "out", 0, 1}));
    const StreamId source = must(transport_->find_stream("source"));
    const std::string value(kValueBytes, 'v');
    for (std::size_t i = 0; i < records; ++i) {
      must(session->write(source, {{}, value, {}, 1'700'000'000'000'000 + static_cast<std::int64_t>(i), {}}));
      if (i % 10'000 == 9'999) must(session->commit());
    }
    must(session->commit());
  }
  void close() { transport_.reset(); }

  Transport& transport() { return *transport_; }
  StreamId out() const { return out_; }
  std::string database() const { return data_dir_ + "/eddy.db"; }

 private:
  std::string data_dir_;
  std::unique_ptr<Transport> transport_;
  StreamId out_{};
};

std::size_t copy_all(Session& session, StreamId out, std::size_t unit) {
  std::size_t copied = 0;
  std::size_t open = 0;
  while (copied < kRecords) {
    const auto polled = must(session.poll(std::chrono::seconds(1), unit - open));
    for (const Record& record : polled) {
      must(session.write(out, {record.key, record.value, record.headers, record.timestamp_us, {}}));
      session.end(record, Outcome::kDelivered);
    }
    copied += polled.size();
    open += polled.size();
    if (open < unit) continue;
    must(session.commit());
    open = 0;
  }
  must(session.commit());
  return copied;
}

void store_copy(benchmark::State& state) {
  for ([[maybe_unused]] auto step : state) {
    state.PauseTiming();
    auto bed = std::make_unique<Bed>();
    bed->fill(kRecords);
    auto session = must(bed->transport().open_session({"copy", "source", 0, 1}));
    state.ResumeTiming();
    Meter meter(state);
    const std::size_t copied = copy_all(*session, bed->out(), static_cast<std::size_t>(state.range(0)));
    state.PauseTiming();
    meter.finish(copied);
    session.reset();
    bed.reset();
    state.ResumeTiming();
  }
}

// The bare loop: what somebody would write by hand for this one job, with no interface in between.
class BareLoop {
 public:
  explicit BareLoop(const std::string& path) {
    check(sqlite3_open_v2(path.c_str(), &reader_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
    check(sqlite3_open_v2(path.c_str(), &writer_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
    run(writer_, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-16384");
    select_ = prepare(reader_,
                      "SELECT base, count, first_us, last_us, crc, bytes FROM chunk WHERE stream = 1 AND partition = 0 "
                      "AND base >= ?1 ORDER BY base");
    insert_ = prepare(writer_, "INSERT INTO chunk VALUES(NULL, 2, 0, ?1, ?2, ?3, ?4, ?5, ?6)");
    extent_ = prepare(writer_,
                      "UPDATE stream_partition SET next = ?1, bytes = bytes + ?2 WHERE stream = 2 AND partition = 0");
    move_ = prepare(writer_, "INSERT OR REPLACE INTO position VALUES('copy', 1, 0, ?1, ?1, 0, 0)");
  }
  ~BareLoop() {
    for (sqlite3_stmt* statement : {select_, insert_, extent_, move_}) sqlite3_finalize(statement);
    sqlite3_close(reader_);
    sqlite3_close(writer_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  std::size_t copy(std::size_t unit) {
    while (position_ < static_cast<std::int64_t>(kRecords)) copy_unit(unit);
    return static_cast<std::size_t>(position_);
  }

 private:
  static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::cerr << sqlite3_errstr(code) << '\n';
    std::exit(1);
  }
  static void run(sqlite3* database, const char* sql) { check(sqlite3_exec(database, sql, nullptr, nullptr, nullptr)); }
  static sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }

  void copy_unit(std::size_t unit) {
    const std::size_t copied = read(unit);
    run(writer_, "BEGIN IMMEDIATE");
    std::int64_t base = position_;
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < used_; ++i) {
      bytes += static_cast<std::int64_t>(chunks_[i].bytes().size());
      insert(chunks_[i], base);
      base += chunks_[i].count();
      chunks_[i].clear();
    }
    used_ = 0;
    sqlite3_bind_int64(extent_, 1, base);
    sqlite3_bind_int64(extent_, 2, bytes);
    check(sqlite3_step(extent_));
    sqlite3_reset(extent_);
    position_ += static_cast<std::int64_t>(copied);
    sqlite3_bind_int64(move_, 1, position_);
    check(sqlite3_step(move_));
    sqlite3_reset(move_);
    run(writer_, "COMMIT");
  }

  // Whole chunks until the unit is full; each record goes into the chunk being built.
  std::size_t read(std::size_t unit) {
    sqlite3_bind_int64(select_, 1, position_);
    std::size_t copied = 0;
    while (copied < unit && sqlite3_step(select_) == SQLITE_ROW) {
      const embedded::ChunkHeader header{1,
                                         0,
                                         sqlite3_column_int64(select_, 0),
                                         static_cast<std::uint32_t>(sqlite3_column_int64(select_, 1)),
                                         sqlite3_column_int64(select_, 2),
                                         sqlite3_column_int64(select_, 3)};
      const void* blob = sqlite3_column_blob(select_, 5);
      const std::string_view bytes(static_cast<const char*>(blob),
                                   static_cast<std::size_t>(sqlite3_column_bytes(select_, 5)));
      const auto crc = static_cast<std::uint32_t>(sqlite3_column_int64(select_, 4));
      if (embedded::chunk_crc(crc32c(bytes), header) != crc) check(SQLITE_CORRUPT);
      batch_.clear();
      if (!batch_.decode(bytes, header, header.base)) check(SQLITE_CORRUPT);
      for (const Record& record : batch_.records()) append(record);
      copied += header.count;
    }
    sqlite3_reset(select_);
    return copied;
  }

  void append(const Record& record) {
    if (used_ == 0 || chunks_[used_ - 1].bytes().size() >= embedded::kChunkBytes) {
      if (++used_ > chunks_.size()) chunks_.emplace_back();
    }
    chunks_[used_ - 1].append({record.key, record.value, record.headers, 0, {}}, record.timestamp_us);
  }

  void insert(const embedded::ChunkWriter& chunk, std::int64_t base) {
    const embedded::ChunkHeader header{2, 0, base, chunk.count(), chunk.first_us(), chunk.last_us()};
    sqlite3_bind_int64(insert_, 1, base);
    sqlite3_bind_int64(insert_, 2, header.count);
    sqlite3_bind_int64(insert_, 3, header.first_us);
    sqlite3_bind_int64(insert_, 4, header.last_us);
    sqlite3_bind_int64(insert_, 5, embedded::chunk_crc(crc32c(chunk.bytes()), header));
    sqlite3_bind_blob64(insert_, 6, chunk.bytes().data(), chunk.bytes().size(), SQLITE_STATIC);
    check(sqlite3_step(insert_));
    sqlite3_reset(insert_);
  }

  sqlite3* reader_ = nullptr;
  sqlite3* writer_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* extent_ = nullptr;
  sqlite3_stmt* move_ = nullptr;
  std::int64_t position_ = 0;
  std::vector<embedded::ChunkWriter> chunks_;
  std::size_t used_ = 0;
  embedded::RecordBatch batch_;
};

void bare_copy(benchmark::State& state) {
  for ([[maybe_unused]] auto step : state) {
    state.PauseTiming();
    auto bed = std::make_unique<Bed>();
    bed->fill(kRecords);
    bed->close();
    auto loop = std::make_unique<BareLoop>(bed->database());
    state.ResumeTiming();
    Meter meter(state);
    const std::size_t copied = loop->copy(static_cast<std::size_t>(state.range(0)));
    state.PauseTiming();
    meter.finish(copied);
    loop.reset();
    bed.reset();
    state.ResumeTiming();
  }
}

void store_append(benchmark::State& state) {
  Bed bed;
  const std::string value(kValueBytes, 'v');
  std::vector<OutRecord> batch(kAppendBatch);
  for (OutRecord& record : batch) record.value = value;
  std::size_t appended = 0;
  Meter meter(state);
  for ([[maybe_unused]] auto step : state) {
    must(bed.transport().append(bed.out(), batch));
    appended += kAppendBatch;
  }
  meter.finish(appended);
}

// The same without an fsync each: units that only write.
void store_write(benchmark::State& state) {
  Bed bed;
  auto session = must(bed.transport().open_session({"write", "source", 0, 1}));
  const std::string value(kValueBytes, 'v');
  std::size_t written = 0;
  Meter meter(state);
  for ([[maybe_unused]] auto step : state) {
    for (std::size_t i = 0; i < kAppendBatch; ++i) must(session->write(bed.out(), {{}, value, {}, 1, {}}));
    must(session->commit());
    written += kAppendBatch;
  }
  meter.finish(written);
}

void store_read(benchmark::State& state) {
  Bed bed;
  bed.fill(kRecords);
  std::size_t read = 0;
  Meter meter(state);
  for ([[maybe_unused]] auto step : state) {
    auto session = must(bed.transport().open_session({"read", "source", 0, 1}));
    for (std::size_t got = 0; got < kRecords;) {
      const auto polled = must(session->poll(std::chrono::seconds(1), kAppendBatch));
      benchmark::DoNotOptimize(polled.data());
      got += polled.size();
    }
    read += kRecords;
  }
  meter.finish(read);
}

// In turns, so that a noisy machine hurts both.
void register_copies() {
  for (int round = 0; round < 3; ++round) {
    for (const int unit : {1000, 10'000}) {
      benchmark::RegisterBenchmark("copy/bare", bare_copy)->Arg(unit)->Iterations(1)->UseRealTime();
      benchmark::RegisterBenchmark("copy/store", store_copy)->Arg(unit)->Iterations(1)->UseRealTime();
    }
  }
  benchmark::RegisterBenchmark("append/durable", store_append)->UseRealTime();
  benchmark::RegisterBenchmark("append/unit", store_write)->UseRealTime();
  benchmark::RegisterBenchmark("read", store_read)->UseRealTime();
}

}  // namespace

}  // namespace eddy::host

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  eddy::host::register_copies();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
