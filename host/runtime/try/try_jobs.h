// SPDX-License-Identifier: Apache-2.0
// Trials that run beside the host, each on a thread of its own, looked at while they do.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/try/letter_trial.h"

namespace eddy::host {

struct TryRequest {
  std::string queue, plugin;  // the candidate's file
  std::vector<TryLetter> letters;
  Settings settings;
  Topology topology;
  TryOptions options{};
};

struct TryStatus {
  enum class State : std::uint8_t { kRunning, kDone, kFailed, kCancelled };
  std::string id;
  State state = State::kRunning;
  std::string error;          // of a failed one
  std::uint64_t letters = 0;  // to be tried
  TryReport report;           // so far
  std::int64_t started_us = 0, ended_us = 0;
};

// [any thread]. Ends what runs when it is destroyed.
class TryJobs {
 public:
  static constexpr std::size_t kAtOnce = 2;
  static constexpr std::size_t kKept = 20;  // that have ended

  TryJobs(Transport& transport, Zygote& zygote);
  ~TryJobs();

  // Its id. kConflict when as many run as may.
  Result<std::string> start(TryRequest request);
  std::optional<TryStatus> status(const std::string& id) const;
  std::vector<TryStatus> all() const;  // newest first
  // False when there is none of that id, or it has ended.
  bool cancel(const std::string& id);

 private:
  struct Job;
  void run(Job& job, TryRequest request);
  Result<TryReport> tried(Job& job, TryRequest request);
  void forget_old();

  Transport& transport_;
  Zygote& zygote_;
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Job>> jobs_;  // newest first
  std::uint64_t next_ = 1;
};

}  // namespace eddy::host
