// SPDX-License-Identifier: Apache-2.0
// Records from outside, appended all or none: whoever comes first sends for all who wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/kafka/kafka.h"
#include "stream/kafka/producer.h"
#include "stream/kafka/stage.h"
#include "stream/kafka/topics.h"

namespace eddy::host::kafka {

// Thread-safe. A record alone needs no transaction; several share one, with those of other callers.
class Appender {
 public:
  // Both must outlive it.
  Appender(const KafkaOptions& options, Topics& topics);

  // kUnavailable: nothing was written, or, when the brokers fell silent at the very end, it is not known; the text
  // says.
  Result<void> append(StreamId to, std::span<const OutRecord> records);

 private:
  struct Waiter {
    StreamId to{};
    std::span<const OutRecord> records;
    Result<void> result;
    bool done = false;
    std::condition_variable ready;
  };
  using Group = std::vector<Waiter*>;

  void lead(std::unique_lock<std::mutex>& lock);
  Group gather(bool single);
  Result<void> check(const Waiter& waiter);
  void stage(const Group& group);
  Result<void> open(std::unique_ptr<Producer>& producer, std::string transactional_id);
  void send_singles(Group group);
  Result<void> deliver();
  void send_together(Group group);
  Result<void> transact();

  const KafkaOptions& options_;
  Topics& topics_;
  const std::string transactional_id_;

  std::mutex mutex_;
  std::deque<Waiter*> waiters_;  // under the mutex; the first leads
  std::size_t group_size_ = 0;   // under the mutex; from the front, being sent

  // The leader's alone.
  Stage stage_;
  std::unique_ptr<Producer> plain_;
  std::unique_ptr<Producer> transactional_;
};

}  // namespace eddy::host::kafka
