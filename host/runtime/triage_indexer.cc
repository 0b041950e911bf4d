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

bool TriageIndexer::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

Result<void> TriageIndexer::catch_up() {
  if (index_ == nullptr) {
    EDDY_ASSIGN(index_, open_());
  }
  const std::vector<std::string> queues = queues_();
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, index_->catch_up(queues, [this] { return stopping(); }));
  return {};
}

void TriageIndexer::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (const auto done = catch_up(); !done) {
      log_limited(LogLevel::kWarn, "triage", "index",
                  "dead letters are listed as they were, it is tried again: " + done.error().text);
    }
    lock.lock();
    changed_.wait_for(lock, every_, [&] { return stopping_; });
  }
}

}  // namespace eddy::host
