// SPDX-License-Identifier: Apache-2.0
#include "webhook/outbox.h"

namespace eddy::host::webhook {
namespace {

constexpr std::size_t kMostRemembered = 100'000;
constexpr std::int64_t kMinuteUs = 60'000'000;

// A rate is the same thing window after window; a group is one by its fingerprint.
std::string thing(const Notice& notice) { return notice.event + '\n' + notice.queue + '\n' + notice.fingerprint; }

}  // namespace

bool Outbox::told_lately(const Notice& notice, std::int64_t now_us) {
  if (told_.size() >= kMostRemembered) {
    std::erase_if(told_, [&](const auto& one) { return one.second + limits_.repeat_after_us <= now_us; });
  }
  if (told_.size() >= kMostRemembered) told_.clear();  // better told again than never
  const auto [told, first] = told_.try_emplace(thing(notice), now_us);
  if (first) return false;
  if (told->second + limits_.repeat_after_us > now_us) return true;
  told->second = now_us;
  return false;
}

bool Outbox::put(Notice notice, std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  if (closed_ || told_lately(notice, now_us)) return false;
  if (now_us / kMinuteUs != minute_) {
    minute_ = now_us / kMinuteUs;
    in_minute_ = 0;
  }
  if (in_minute_ >= limits_.max_per_minute || waiting_.size() >= limits_.most_waiting) {
    ++left_out_;
    return false;
  }
  ++in_minute_;
  waiting_.push_back(std::move(notice));
  changed_.notify_all();
  return true;
}

void Outbox::put_back(std::vector<Notice> notices, std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  for (Notice& notice : notices) {
    if (waiting_.size() >= limits_.most_waiting) return;
    static_cast<void>(told_lately(notice, now_us));  // so that it is not told beside once more
    waiting_.push_back(std::move(notice));
  }
  changed_.notify_all();
}

std::optional<Outbox::Next> Outbox::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
  if (closed_) return std::nullopt;
  return Next{waiting_.front(), std::exchange(left_out_, 0)};
}

void Outbox::done() {
  const std::lock_guard lock(mutex_);
  waiting_.pop_front();
}

bool Outbox::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return closed_; });
}

void Outbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::vector<Notice> Outbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return {waiting_.begin(), waiting_.end()};
}

}  // namespace eddy::host::webhook
