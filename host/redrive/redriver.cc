// SPDX-License-Identifier: Apache-2.0
#include "redrive/redriver.h"

#include <algorithm>

#include "base/log.h"
#include "redrive/durable_file.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kIdle{100};
constexpr std::chrono::milliseconds kLookEvery{250};
constexpr std::chrono::milliseconds kAfterError{1000};
// Fewer outcomes say nothing about the others.
constexpr std::uint64_t kFewestJudged = 20;

}  // namespace

std::string status_file(const std::string& directory, const std::string& id) { return directory + "/" + id + ".json"; }
std::string selection_file(const std::string& directory, const std::string& id) {
  return directory + "/" + id + ".letters";
}

Redriver::Redriver(const RedriveContext& context, std::string directory, RedriveStatus status, Selection selection)
    : context_(context),
      directory_(std::move(directory)),
      spec_(status.spec),
      selection_(std::move(selection)),
      pace_(spec_.rate, context.clock.steady()),
      status_(std::move(status)),
      thread_([this] { loop(); }) {}

Redriver::~Redriver() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

RedriveStatus Redriver::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

RedriveState Redriver::state() const {
  const std::lock_guard lock(mutex_);
  return status_.state;
}

bool Redriver::ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

// Saved first: what was said to an operator is still so after a restart.
Result<void> Redriver::change(const std::function<void(RedriveStatus&)>& make) {
  const std::lock_guard one_after_another(saving_);
  RedriveStatus next = status();
  make(next);
  EDDY_TRY(write_durably(status_file(directory_, spec_.id), to_json(next).dump(2) + "\n"));
  const std::lock_guard lock(mutex_);
  next.trouble = status_.trouble;
  status_ = std::move(next);
  return {};
}

Result<void> Redriver::turn(RedriveState state, const std::string& reason) {
  EDDY_TRY(change([&](RedriveStatus& status) {
    if (status.ended()) return;  // meanwhile
    if (state == RedriveState::kRunning && status.state == RedriveState::kStopped) {
      status.forgiven_recovered = status.counts.recovered;
      status.forgiven_failed = status.counts.sent - status.counts.recovered;  // what is in flight may fail as well
    }
    status.state = state;
    status.reason = reason;
    if (status.ended()) status.ended_us = context_.clock.now_us();
  }));
  log(LogLevel::kInfo, "redrive " + spec_.id, std::string(name_of(state)) + (reason.empty() ? "" : ": " + reason));
  return {};
}

namespace {

Error not_now(const RedriveStatus& status, const char* what) {
  return {Code::kConflict, "redrive " + status.spec.id + " is " + std::string(name_of(status.state)) + ": " + what};
}

}  // namespace

Result<void> Redriver::pause() {
  if (const RedriveStatus now = status(); now.state != RedriveState::kRunning) {
    return not_now(now, "only a running one can be paused");
  }
  return turn(RedriveState::kPaused, "");
}

Result<void> Redriver::resume() {
  const RedriveStatus now = status();
  if (now.state != RedriveState::kPaused && now.state != RedriveState::kStopped) {
    return not_now(now, "only one that is paused or has stopped itself can be resumed");
  }
  return turn(RedriveState::kRunning, "");
}

Result<void> Redriver::cancel() {
  if (const RedriveStatus now = status(); now.ended()) return not_now(now, "it is over");
  return turn(RedriveState::kCancelled, "");
}

void Redriver::loop() {
  while (!ending() && !status().ended()) {
    const auto done = step();
    {
      const std::lock_guard lock(mutex_);
      status_.trouble = done ? "" : done.error().text;
    }
    if (done) continue;
    log_limited(LogLevel::kWarn, "redrive " + spec_.id, "trouble", "waiting: " + done.error().text);
    wait(kAfterError);
  }
  sender_.reset();  // nobody asks them any more: the status has the counts
  outcomes_.reset();
}

void Redriver::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return ending_; });
}

Result<void> Redriver::step() {
  if (!context_.targets.ready()) return Error{Code::kUnavailable, "the plugins have not been read yet"};
  if (sender_ == nullptr) {
    EDDY_ASSIGN(sender_, Sender::open(context_, spec_, selection_, [this](const auto& name) { return meet(name); }));
    outcomes_ = std::make_unique<Outcomes>(context_.transport, spec_.id, spec_.queue, spec_.created_us);
    const RedriveStatus now = status();
    for (const auto& [function, queues] : now.failure_queues) {
      for (const std::string& queue : queues) outcomes_->watch(queue);
    }
  }
  EDDY_TRY(send_some());
  const auto now = context_.clock.steady();
  if (now - looked_ < kLookEvery) return {};
  looked_ = now;
  EDDY_TRY(look());
  judge();
  return {};
}

Result<void> Redriver::send_some() {
  const std::uint64_t most = pace_.allowance(context_.clock.steady());
  if (all_reached_ || state() != RedriveState::kRunning) return sender_->idle(kIdle);
  if (most == 0) return sender_->idle(pace_.wait());
  std::map<std::string, std::uint64_t> left_out;
  EDDY_ASSIGN(const std::uint64_t sent, sender_->send(kIdle, most, left_out));
  pace_.sent(sent);
  if (left_out.empty()) return {};
  return change([&](RedriveStatus& status) {
    for (const auto& [reason, letters] : left_out) status.left_out[reason] += letters;
  });
}

Result<std::uint64_t> Redriver::lag() const {
  std::uint64_t lag = 0;
  for (const auto& [function, stream] : sender_->streams()) {
    EDDY_ASSIGN(const std::uint64_t one, context_.targets.lag(function));
    lag += one;
  }
  return lag;
}

// A function writes its failures to its own queue as it is now, which need not be the one that is redriven. Kept before
// anything is sent to it: after a restart they are looked for there.
Result<void> Redriver::meet(const std::string& function) {
  const auto found = context_.targets.queue_of(function);
  if (!found && found.error().code == Code::kBadData) return {};  // it does not run any more
  EDDY_ASSIGN(const std::string queue, found);
  outcomes_->watch(queue);
  const RedriveStatus now = status();
  const auto known = now.failure_queues.find(function);
  if (known != now.failure_queues.end() && known->second.contains(queue)) return {};
  return change([&](RedriveStatus& status) { status.failure_queues[function].insert(queue); });
}

Result<void> Redriver::look() {
  const RedriveStatus now = status();
  for (const auto& [function, queues] : now.failure_queues) EDDY_TRY(meet(function));
  EDDY_ASSIGN(const std::uint64_t lagging, lag());
  pace_.lag(lagging);
  EDDY_TRY(outcomes_->catch_up());
  EDDY_ASSIGN(const std::uint64_t reached, sender_->reached());
  all_reached_ = reached == selection_.size();
  const std::uint64_t sent = outcomes_->sent();
  const RedriveCounts counts{selection_.size(), sent, reached - std::min(reached, sent), outcomes_->recovered(),
                             outcomes_->failed_again()};
  if (counts == now.counts) return {};
  return change([&](RedriveStatus& status) { status.counts = counts; });
}

void Redriver::judge() {
  const RedriveStatus now = status();
  if (now.state != RedriveState::kRunning) return;
  if (all_reached_ && (!spec_.to.empty() || now.counts.in_flight() == 0)) return finish();
  const std::uint64_t failed = now.counts.failed_again - std::min(now.counts.failed_again, now.forgiven_failed);
  const std::uint64_t known = failed + now.counts.recovered - std::min(now.counts.recovered, now.forgiven_recovered);
  if (known < kFewestJudged || all_reached_) return;
  const double ratio = static_cast<double>(failed) / static_cast<double>(known);
  if (ratio <= spec_.max_refailure_ratio) return;
  const std::string reason =
      std::to_string(failed) + " of " + std::to_string(known) +
      " letters failed again, more than max_refailure_ratio allows; the last: " + outcomes_->last_failure();
  if (const auto turned = turn(RedriveState::kStopped, reason); !turned) {
    log(LogLevel::kError, "redrive " + spec_.id, turned.error().text);
  }
}

void Redriver::finish() {
  if (const auto turned = turn(RedriveState::kDone, ""); !turned) {
    log(LogLevel::kError, "redrive " + spec_.id, turned.error().text);
  }
}

}  // namespace eddy::host
