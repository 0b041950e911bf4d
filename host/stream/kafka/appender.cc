// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/appender.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A group this large gains nothing more, and those behind it would wait longer.
constexpr std::size_t kMaxGroup = 64;
// What a crash leaves open keeps readers waiting for this long.
constexpr milliseconds kTransactionTimeout{15'000};

// Of this process alone: tools append beside the host, and none must fence another.
std::string make_id(const KafkaOptions& options) {
  std::random_device random;
  return fmt::format("{}eddy-append-{}-{:08x}{:08x}", options.topic_prefix, options.host_id, random(), random());
}

milliseconds left(steady_clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - steady_clock::now()), milliseconds(1));
}

}  // namespace

Appender::Appender(const KafkaOptions& options, Topics& topics)
    : options_(options), topics_(topics), transactional_id_(make_id(options)), stage_(topics, std::random_device()()) {}

Result<void> Appender::append(StreamId to, std::span<const OutRecord> records) {
  if (records.empty()) return {};
  Waiter me;
  me.to = to;
  me.records = records;
  std::unique_lock lock(mutex_);
  waiters_.push_back(&me);
  me.ready.wait(lock, [&] { return me.done || waiters_.front() == &me; });
  if (!me.done) lead(lock);
  return std::move(me.result);
}

void Appender::lead(std::unique_lock<std::mutex>& lock) {
  group_size_ = std::min(waiters_.size(), kMaxGroup);
  const Group singles = gather(true);
  const Group several = gather(false);
  lock.unlock();
  if (!singles.empty()) send_singles(singles);
  if (!several.empty()) send_together(several);
  lock.lock();
  for (std::size_t i = 0; i < group_size_; ++i) {
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->done = true;
    waiter->ready.notify_one();
  }
  if (!waiters_.empty()) waiters_.front()->ready.notify_one();
}

Appender::Group Appender::gather(bool single) {
  Group group;
  for (std::size_t i = 0; i < group_size_; ++i) {
    if ((waiters_[i]->records.size() == 1) == single) group.push_back(waiters_[i]);
  }
  return group;
}

Result<void> Appender::check(const Waiter& waiter) {
  for (std::size_t i = 0; i < waiter.records.size(); ++i) {
    if (auto fits = stage_.check(waiter.to, waiter.records[i]); !fits) {
      return in_context(fmt::format("record {} of {}", i + 1, waiter.records.size()), fits.take_error());
    }
  }
  return {};
}

// Those who cannot be written are left out with their error, whole.
void Appender::stage(const Group& group) {
  stage_.clear();
  for (Waiter* waiter : group) {
    waiter->result = check(*waiter);
    if (!waiter->result) continue;
    for (const OutRecord& record : waiter->records) {
      if (waiter->result) waiter->result = stage_.add(waiter->to, record, waiter);
    }
  }
}

Result<void> Appender::open(std::unique_ptr<Producer>& producer, std::string transactional_id) {
  if (producer != nullptr && producer->outdated()) producer.reset();
  if (producer != nullptr) return {};
  EDDY_ASSIGN(producer, Producer::open(options_, topics_,
                                       {"append", std::move(transactional_id),
                                        std::min(kTransactionTimeout, options_.transaction_timeout)}));
  return {};
}

void Appender::send_singles(Group group) {
  stage(group);
  std::erase_if(group, [](const Waiter* waiter) { return !waiter->result.ok(); });
  if (group.empty()) return;
  auto done = open(plain_, "");
  if (!done) {
    for (Waiter* waiter : group) waiter->result = done;
    return;
  }
  done = deliver();
  if (done) return;
  const bool gone = plain_->purge(kShortPatience);
  const std::vector<void*> tags = plain_->take_undelivered_tags();
  const std::set<void*> failed(tags.begin(), tags.end());
  for (Waiter* waiter : group) {
    if (!gone || failed.empty() || failed.contains(waiter)) waiter->result = done;
  }
  plain_.reset();
}

Result<void> Appender::deliver() {
  EDDY_TRY(plain_->hand_over(stage_));
  return plain_->flush(kPatience);
}

void Appender::send_together(Group group) {
  stage(group);
  std::erase_if(group, [](const Waiter* waiter) { return !waiter->result.ok(); });
  if (group.empty()) return;
  auto done = open(transactional_, transactional_id_);
  if (done) done = transact();
  for (Waiter* waiter : group) waiter->result = done;
}

Result<void> Appender::transact() {
  const auto deadline = steady_clock::now() + kPatience;
  auto done = transactional_->begin();
  if (done) done = transactional_->hand_over(stage_);
  if (done) done = transactional_->flush(left(deadline));
  bool deciding = false;
  while (done) {
    deciding = true;
    done = transactional_->commit(left(deadline));
    if (done) return {};
    if (transactional_->remedy() == Remedy::kRetry && steady_clock::now() < deadline) done = {};
  }
  Error error = done.take_error();
  const Remedy remedy = transactional_->remedy();
  const bool undecided = deciding && (remedy == Remedy::kRetry || remedy == Remedy::kRenew);
  if (undecided) error.text += "; whether the records were written is not known";
  transactional_.reset();  // the next one of this id settles what this one leaves
  return error;
}

}  // namespace eddy::host::kafka
