// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/commit_queue.h"

namespace eddy::host::embedded {

namespace {

// A group this large gains nothing more, and those behind it would wait longer.
constexpr std::size_t kMaxGroup = 64;

}  // namespace

Result<void> CommitQueue::commit(const Unit& unit) {
  Waiter me;
  me.unit = &unit;
  return wait_or_lead(me);
}

Result<void> CommitQueue::run(const std::function<Result<void>(Database&)>& job) {
  Waiter me;
  me.job = &job;
  return wait_or_lead(me);
}

Result<void> CommitQueue::wait_or_lead(Waiter& me) {
  std::unique_lock lock(mutex_);
  waiters_.push_back(&me);
  me.ready.wait(lock, [&] { return me.done || waiters_.front() == &me; });
  if (!me.done) lead(me, lock);
  return std::move(me.result);
}

// The units at the front of the queue, the leader's first.
void CommitQueue::gather() {
  group_.clear();
  for (Waiter* waiter : waiters_) {
    if (waiter->job != nullptr || group_.size() == kMaxGroup) break;
    group_.push_back(waiter);
  }
}

void CommitQueue::lead(Waiter& me, std::unique_lock<std::mutex>& lock) {
  gather();
  lock.unlock();
  if (me.job != nullptr) {
    me.result = (*me.job)(writer_->database());
  } else {
    writer_->commit(group_);
  }
  lock.lock();
  // The followers go first: what is left to do is no part of their commit.
  for (std::size_t i = 1; i < group_.size(); ++i) {
    Waiter* const follower = waiters_[1];
    waiters_.erase(waiters_.begin() + 1);
    follower->done = true;
    follower->ready.notify_one();
  }
  lock.unlock();
  writer_->checkpoint_if_due();
  lock.lock();
  waiters_.pop_front();
  if (!waiters_.empty()) waiters_.front()->ready.notify_one();
}

}  // namespace eddy::host::embedded
