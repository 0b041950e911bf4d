// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage_indexer.h"

#include <utility>

#include "base/log.h"
#include "base/log_limiter.h"

namespace eddy::host {

TriageIndexer::TriageIndexer(Open open, Queues queues, std::chrono::milliseconds every)
    : open_(std::move(open)), queues_(std::move(queues)), every_(every), thread_([this] { loop(); }) {}

TriageIndexer::~TriageIndexer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void TriageIndexer::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopening_ = true;
  }
  changed_.notify_all();
}

bool TriageIndexer::interrupted() {
  const std::lock_guard lock(mutex_);
  return stopping_ || reopening_;
}

Result<void> TriageIndexer::catch_up() {
  if (index_ == nullptr) {
    EDDY_ASSIGN(index_, open_());
  }
  const std::vector<std::string> queues = queues_();
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, index_->catch_up(queues, [this] { return interrupted(); }));
  EDDY_ASSIGN(auto found, index_->queues());
  show(std::make_shared<const std::vector<QueueSummary>>(std::move(found)));
  return {};
}

std::shared_ptr<const std::vector<QueueSummary>> TriageIndexer::summaries() const {
  const std::lock_guard lock(mutex_);
  return summaries_;
}

void TriageIndexer::show(std::shared_ptr<const std::vector<QueueSummary>> summaries) {
  const std::lock_guard lock(mutex_);
  summaries_ = std::move(summaries);
}

void TriageIndexer::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (std::exchange(reopening_, false)) index_.reset();
    lock.unlock();
    if (const auto done = catch_up(); !done) {
      log_limited(LogLevel::kWarn, "triage", "index",
                  "dead letters are listed as they were, it is tried again: " + done.error().text);
      show(nullptr);
    }
    lock.lock();
    changed_.wait_for(lock, every_, [&] { return stopping_ || reopening_; });
  }
}

}  // namespace eddy::host
