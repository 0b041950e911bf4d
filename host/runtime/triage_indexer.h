// SPDX-License-Identifier: Apache-2.0
// Keeps the triage index of a running host fresh.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "triage/triage_index.h"

namespace eddy::host {

// A thread that catches up now and then. Thread-safe.
class TriageIndexer {
 public:
  using Open = std::function<Result<std::unique_ptr<TriageIndex>>()>;
  using Queues = std::function<std::vector<std::string>()>;

  // `open` is tried again when it fails: a host without its index is still a host.
  TriageIndexer(Open open, Queues queues, std::chrono::milliseconds every);
  ~TriageIndexer();  // ends after the batch it is at

  // What `open` gives now is another index: it is used from here on. [any thread]
  void reopen();

  // What the queues hold as of the last look; null before the first one, and when the last one failed.
  std::shared_ptr<const std::vector<QueueSummary>> summaries() const;

 private:
  void loop();
  Result<void> catch_up();
  void show(std::shared_ptr<const std::vector<QueueSummary>> summaries);
  bool interrupted();

  const Open open_;
  const Queues queues_;
  const std::chrono::milliseconds every_;
  std::unique_ptr<TriageIndex> index_;  // of the thread
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool reopening_ = false;
  std::shared_ptr<const std::vector<QueueSummary>> summaries_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
