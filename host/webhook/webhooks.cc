// SPDX-License-Identifier: Apache-2.0
#include "webhook/webhooks.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "settings/glob.h"

namespace eddy::host::webhook {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1000};

bool is_told(const std::vector<std::string>& all, std::string_view what) {
  return std::find(all.begin(), all.end(), what) != all.end();
}

bool is_about(const WebhookSettings& settings, const std::string& queue) {
  return std::any_of(settings.queues.begin(), settings.queues.end(),
                     [&](const std::string& glob) { return glob_match(glob, queue); });
}

// Whoever is no longer to be told of a queue is not told of what waited either.
std::vector<Notice> still_wanted(const WebhookSettings& settings, std::vector<Notice> notices) {
  std::erase_if(notices, [&](const Notice& notice) {
    return !is_told(settings.on, notice.event) || !is_about(settings, notice.queue);
  });
  return notices;
}

}  // namespace

Webhooks::Webhooks(Surroundings around) : around_(std::move(around)) {}

Webhooks::~Webhooks() { stop(); }

void Webhooks::apply(const std::vector<WebhookSettings>& settings) {
  if (settings == settings_) return;
  stop();
  settings_ = settings;
  start();
}

void Webhooks::start() {
  if (settings_.empty()) return;
  tail_ = std::make_unique<LetterTail>(around_.transport, around_.file, around_.clock.now_us());
  for (const WebhookSettings& one : settings_) {
    Sender& sender = *senders_.emplace_back(std::make_unique<Sender>(one, around_.clock, around_.metrics));
    const auto waited = tail_->waiting().find(one.name);
    if (waited != tail_->waiting().end()) sender.tell_again(still_wanted(one, waited->second));
  }
  stopping_ = false;
  thread_ = std::thread([this] { loop(); });
}

void Webhooks::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (const auto& sender : senders_) sender->stop();
  save();
  baselines_.clear();
  senders_.clear();
  tail_.reset();
}

void Webhooks::loop() {
  for (;;) {
    look();
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kLookEvery, [&] { return stopping_; })) return;
  }
}

void Webhooks::look() {
  for (const std::string& queue : around_.queues()) {
    const bool wanted = std::any_of(settings_.begin(), settings_.end(),
                                    [&](const WebhookSettings& one) { return is_about(one, queue); });
    if (wanted) look_at(queue);
  }
  save();
}

// Offsets and known causes pass a letter together with the notice of it that nobody has taken yet.
void Webhooks::save() {
  Waiting waiting;
  for (const auto& sender : senders_) waiting[sender->settings().name] = sender->waiting();
  if (const auto saved = tail_->save(std::move(waiting)); !saved) {
    log_limited(LogLevel::kWarn, "webhooks", "save", saved.error().text, 1);
  }
}

void Webhooks::look_at(const std::string& queue) {
  const auto read = tail_->read(queue, [&](const DeadLetter& letter, bool new_group) {
    for (const auto& sender : senders_) {
      if (is_about(sender->settings(), queue)) judge(*sender, queue, letter, new_group);
    }
  });
  // A queue that nothing was ever written to may not be there.
  if (!read) log_limited(LogLevel::kDebug, "webhooks", queue, queue + ": not read: " + read.error().text, 1);
}

void Webhooks::judge(Sender& sender, const std::string& queue, const DeadLetter& letter, bool new_group) {
  const WebhookSettings& settings = sender.settings();
  if (new_group && is_told(settings.on, "new_group")) {
    sender.tell(webhook::new_group(queue, letter, around_.mask(queue)));
  }
  if (!is_told(settings.on, "rate")) return;
  const BaselineOptions options{settings.rate_factor, static_cast<double>(settings.rate_min_per_minute),
                                std::int64_t{settings.window_ms} * 1000};
  Baseline& baseline = baselines_.try_emplace({&sender, queue}, options).first->second;
  const std::int64_t now_us = around_.clock.now_us();
  if (const auto passed = baseline.add(letter.failed_at_us, now_us)) {
    sender.tell(high_rate(queue, passed->window_start_us, now_us, passed->rate, passed->usual));
  }
}

}  // namespace eddy::host::webhook
