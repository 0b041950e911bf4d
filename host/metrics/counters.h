// SPDX-License-Identifier: Apache-2.0
// Counters of one worker: it alone writes, a scrape reads. No lock, no shared cache line between workers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "stream/transport.h"

namespace eddy::host {

// One writer, any number of readers.
class Count {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// What a call takes: 1 us to 10 s, 1-2.5-5 steps.
struct CallTimes {
  static constexpr std::array<double, 22> kBounds = {1e-6, 2.5e-6, 5e-6,   1e-5, 2.5e-5, 5e-5,   1e-4, 2.5e-4,
                                                     5e-4, 1e-3,   2.5e-3, 5e-3, 1e-2,   2.5e-2, 5e-2, 0.1,
                                                     0.25, 0.5,    1.0,    2.5,  5.0,    10.0};
  static constexpr double kPerSecond = 1e9;
};

// What passes from a dead letter to its recovery: 1 s, 10 s, 1 min, 10 min, 1 h, 6 h, 1 d, 7 d, 30 d. Counted in
// microseconds, as the sum of a million letters of a month would be too much in nanoseconds.
struct RecoveryTimes {
  static constexpr std::array<double, 9> kBounds = {1, 10, 60, 600, 3600, 21'600, 86'400, 604'800, 2'592'000};
  static constexpr double kPerSecond = 1e6;
};

// A histogram with fixed bounds in seconds.
template <typename Times>
class Histogram {
 public:
  static constexpr const auto& kBounds = Times::kBounds;
  void observe(double seconds, std::uint64_t times = 1) noexcept;
  std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].get(); }  // kBounds.size(): above the last
  double sum() const noexcept { return static_cast<double>(parts_.get()) / Times::kPerSecond; }

 private:
  std::array<Count, Times::kBounds.size() + 1> buckets_;
  Count parts_;  // of seconds
};

extern template class Histogram<CallTimes>;
extern template class Histogram<RecoveryTimes>;
using TimeHistogram = Histogram<CallTimes>;
using RecoveryHistogram = Histogram<RecoveryTimes>;

// `error_type` beyond so many different values becomes kOtherErrorType.
inline constexpr std::size_t kMostErrorTypes = 50;
inline constexpr std::string_view kOtherErrorType = "other";

// Names of functions, queues, tables and ingest APIs, and of plugins, that keep a label of their own while the process
// runs; all later ones share kOtherName. No installation has so many: what comes and goes is not to fill the memory.
inline constexpr std::size_t kMostNames = 1000;
inline constexpr std::size_t kMostPlugins = 200;
inline constexpr std::string_view kOtherName = "other";

// The source of dead letters that ingest APIs write. No function has failed then, so they have none.
inline constexpr std::string_view kApiSource = "api";

enum class FaultKind : std::uint8_t { kException, kSignal, kTimeout, kKilled };
enum class Retried : std::uint8_t { kInPlace, kStream };  // as the setting retry.mode
enum class Dropped : std::uint8_t { kSample, kCap };
enum class Recovery : std::uint8_t { kRecovered, kSkipped, kFailed };

// Everything one worker counts. Owned by the metrics registry and shared with the worker.
struct alignas(64) WorkerCounters {
  std::array<Count, 3> outcomes;       // by Outcome, kMoved left out; raised after the commit that made them true
  std::array<Count, 4> faults;         // by FaultKind
  std::array<Count, 3> recoveries;     // by Recovery; functions over a queue that have a destination
  std::array<Count, 2> retries;        // by Retried
  std::array<Count, 2> dropped;        // by Dropped: dead letters that were counted and not kept
  RecoveryHistogram recovery_seconds;  // dead letter written → recovered
  TimeHistogram call_seconds;          // sampled: the worker times whole batches and divides
  Count write_failures;                // dead letter queue could not be written
  Count process_deaths;                // worker processes that died or were ended for a fault
  Count process_backoffs;              // those whose successor had to wait

  // Dead letters by error type. [worker] A type that repeats costs a comparison, a known one a look-up; only a new one
  // takes the lock. Beyond kMostErrorTypes they are counted together; long names are cut.
  void dead_letter(std::string_view error_type, std::uint64_t n = 1);
  std::map<std::string, std::uint64_t> dead_letters() const;  // [any thread]

 private:
  void remember(std::string_view error_type);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Count>, std::less<>> by_type_;  // changed by the worker alone, under the lock
  std::string_view last_type_;                                          // of the worker; points into by_type_
  Count* last_ = nullptr;
};

enum class Ingested : std::uint8_t {
  kAccepted,      // in the stream
  kDeadLettered,  // in the queue
  kNotDurable,    // in neither: answered 503
};

// Everything that is counted of one ingest API. Written by the server's thread alone.
struct ApiCounters {
  std::array<Count, 3> records;  // by Ingested
  TimeHistogram seconds;         // from a request's first byte to its answer

  void request(int code);
  std::map<int, std::uint64_t> requests() const;  // by status code [any thread]

 private:
  mutable std::mutex mutex_;
  std::map<int, std::uint64_t> by_code_;
};

}  // namespace eddy::host
