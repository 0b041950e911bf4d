// SPDX-License-Identifier: Apache-2.0
// Group commit: whoever comes first commits for all who wait behind.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "stream/embedded/unit.h"
#include "stream/embedded/writer.h"

namespace eddy::host::embedded {

// Thread-safe. In order of arrival, so nobody starves.
class CommitQueue {
 public:
  explicit CommitQueue(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

  // Returns when the unit is committed or has failed; it must be sealed, and stay as it is meanwhile.
  Result<void> commit(const Unit& unit);

  // Runs `job` alone with the writing connection, outside a transaction.
  Result<void> run(const std::function<Result<void>(Database&)>& job);

 private:
  struct Waiter : PendingUnit {
    const std::function<Result<void>(Database&)>* job = nullptr;
    bool done = false;
    std::condition_variable ready;
  };

  Result<void> wait_or_lead(Waiter& me);
  void lead(Waiter& me, std::unique_lock<std::mutex>& lock);
  void gather();

  std::mutex mutex_;
  std::deque<Waiter*> waiters_;  // under the mutex; the first leads

  // The leader's alone.
  std::unique_ptr<Writer> writer_;
  std::vector<PendingUnit*> group_;
};

}  // namespace eddy::host::embedded
