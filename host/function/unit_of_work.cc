// SPDX-License-Identifier: Apache-2.0
#include "function/unit_of_work.h"

#include <algorithm>
#include <limits>

#include "dead_letter/redrive_record.h"

namespace eddy::host {

namespace {

constexpr std::size_t kClockEvery = 64;  // records between two looks at the unit's age, sooner at its beginning
constexpr std::size_t kSmallestBatch = 16;
constexpr std::int64_t kUntilLineGoes = std::numeric_limits<std::int64_t>::max();
// Whoever must wait for another worker's probe asks again after this time.
constexpr std::chrono::milliseconds kAskAgain{20};

// After 1, 2, 4, … and every 64 records: a function that takes a second each is noticed at once.
bool looks_at_clock(std::size_t done) { return done % kClockEvery == 0 || (done & (done - 1)) == 0; }

std::chrono::milliseconds until(std::int64_t due_us, std::int64_t now_us) {
  return std::chrono::milliseconds(due_us <= now_us ? 0 : (due_us - now_us + 999) / 1000);
}

}  // namespace

Result<void> UnitOfWork::bind(const Binding& binding) {
  const bool by_key = binding.settings.order == Order::kKey;
  const bool other_order = by_key != room_.by_key();
  binding_ = &binding;
  batch_limit_ = binding.settings.unit_records;
  if (!other_order || room_.empty()) {
    room_.order_by_key(by_key);
    return {};
  }
  gave_up();
  room_.order_by_key(by_key);
  return parts_.session.abort();
}

void UnitOfWork::begin() {
  done_ = 0;
  started_.reset();
  failing_since_.reset();
  epoch_ = parts_.policies.breaker.epoch();
}

Result<void> UnitOfWork::run(std::chrono::milliseconds wait) {
  begin();
  if (shut_for() > std::chrono::milliseconds(0)) return idle(wait);
  hold_off(false);
  resume_due();
  for (;;) {
    EDDY_ASSIGN(const Next after_due, run_due());
    if (after_due == Next::kEndUnit) return {};
    auto batch = parts_.session.poll(time_to_poll(wait), most_records());
    // What was done before is committed; the next unit meets the error at its begin.
    if (!batch && done_ > 0 && !retracting()) return {};
    if (!batch) return batch.take_error();
    take_losses();
    if (batch->empty() && !retracting()) return {};
    EDDY_ASSIGN(const Next after_batch, run_batch(*batch));
    if (after_batch == Next::kEndUnit || full()) return {};
  }
}

Result<void> UnitOfWork::idle(std::chrono::milliseconds wait) {
  begin();
  hold_off(true);
  if (const auto shut = shut_for(); shut > std::chrono::milliseconds(0)) wait = std::min(wait, shut);
  EDDY_TRY(parts_.session.poll(wait, 1));
  take_losses();
  return {};
}

void UnitOfWork::hold_off(bool off) {
  if (off == held_off_) return;
  held_off_ = off;
  off ? parts_.session.pause() : parts_.session.resume();
}

// How long nothing is to be called. Not by the wall clock, which may be set back by hours.
std::chrono::milliseconds UnitOfWork::shut_for() const {
  if (binding_ == nullptr) return {};
  const auto left = std::max(not_before_ - parts_.clock.steady(), Instant::duration::zero());
  const auto shut = std::chrono::ceil<std::chrono::milliseconds>(left);
  const Breaker& breaker = parts_.policies.breaker;
  const bool open = breaker.state() == Breaker::State::kOpen && binding_->settings.breaker.on_open == OnOpen::kPause;
  return open ? std::max(shut, until(breaker.due_us(), parts_.clock.now_us())) : shut;
}

// Only the first poll of a unit waits for records; a unit that may still be taken back waits for its verdict.
std::chrono::milliseconds UnitOfWork::time_to_poll(std::chrono::milliseconds wait) const {
  if (retracting()) {
    const auto window = std::chrono::milliseconds(binding_->settings.breaker.retract_ms);
    const auto left = *failing_since_ + window - parts_.clock.steady();
    return std::chrono::ceil<std::chrono::milliseconds>(std::max(left, Instant::duration::zero()));
  }
  if (done_ > 0) return std::chrono::milliseconds(0);
  const std::int64_t now = parts_.clock.now_us();
  if (const auto due = room_.next_due()) wait = std::min(wait, until(*due, now));
  for (const auto& [partition, due] : paused_) wait = std::min(wait, until(due, now));
  return wait;
}

std::size_t UnitOfWork::most_records() const {
  const std::size_t left = binding_->settings.unit_records > done_ ? binding_->settings.unit_records - done_ : 1;
  return std::min(batch_limit_, left);
}

void UnitOfWork::take_losses() {
  for (const std::uint32_t partition : parts_.session.lost()) {
    room_.drop(partition);
    if (paused_.erase(partition) != 0) parts_.session.resume(partition);
  }
}

void UnitOfWork::resume_due() {
  const std::int64_t now = parts_.clock.now_us();
  std::erase_if(paused_, [&](const auto& entry) {
    if (entry.second > now) return false;
    parts_.session.resume(entry.first);
    return true;
  });
}

Result<UnitOfWork::Next> UnitOfWork::run_due() {
  while (WaitingRoom::Line* line = room_.due(parts_.clock.now_us())) {
    if (binding_->poisoned()) return Next::kEndUnit;  // by another worker of the plugin
    const Record record = line->front().record();
    EDDY_ASSIGN(Task task, task_of(record));
    const auto ending = call(record, task);
    if (!ending) return must_wait(ending.error());
    switch (ending->kind) {
      case Ending::Kind::kNotNow:
        return settle(record, *ending);
      case Ending::Kind::kHeld:
        line->front().wait(ending->wait);
        parts_.session.hold(record, ending->wait);
        break;
      case Ending::Kind::kEnded:
        parts_.session.end(record, ending->outcome);
        parts_.suspects.end(record.partition, record.offset);
        if (!room_.pop(*line)) line_is_gone(record.partition);
        break;
    }
    ++done_;
    if (after_record() == Next::kEndUnit) return Next::kEndUnit;
  }
  return Next::kGoOn;
}

void UnitOfWork::line_is_gone(std::uint32_t partition) {
  const auto paused = paused_.find(partition);
  if (paused == paused_.end() || room_.held(partition) > kMostHeld / 2) return;
  paused_.erase(paused);
  parts_.session.resume(partition);
}

Result<UnitOfWork::Next> UnitOfWork::run_batch(std::span<const Record> batch) {
  if (parts_.intake != Intake::kSource) return run_records(batch);  // what is called is not the record as it stands
  parts_.processor.expect(batch);
  auto next = run_records(batch);
  parts_.processor.expect_nothing();  // the batch is about to go
  return next;
}

Result<UnitOfWork::Next> UnitOfWork::run_records(std::span<const Record> batch) {
  bool skipped = false;
  std::size_t taken = 0;
  for (const Record& record : batch) {
    if (is_paused(record.partition)) {
      skipped = true;
      continue;
    }
    auto task = task_of(record);
    if (!task) return must_wait(task.error());
    if (too_early(record, *task)) {
      skipped = true;
      continue;
    }
    const auto next = take(record, *task);
    if (!next) return must_wait(next.error());
    ++taken;
    if (*next == Next::kGoOn) continue;
    // A slow function gets smaller batches, so that little is read again after a unit that ended by time.
    if (taken < batch.size()) batch_limit_ = std::max(taken * 2, kSmallestBatch);
    return Next::kEndUnit;
  }
  batch_limit_ = std::min<std::size_t>(batch_limit_ * 2, binding_->settings.unit_records);
  return skipped ? Next::kEndUnit : Next::kGoOn;  // what was skipped comes again after the commit
}

// A record that waits for a key has done nothing yet: what is before it is committed, and not run again with it.
Result<UnitOfWork::Next> UnitOfWork::must_wait(const Error& why) const {
  if (why.code == Code::kConfig && done_ > 0) return Next::kEndUnit;
  return why;
}

Result<UnitOfWork::Next> UnitOfWork::take(const Record& record, Task& task) {
  // By another worker of the plugin.
  if (binding_->poisoned()) return Next::kEndUnit;
  if (record.attempts > 0 || room_.blocks(record)) {
    wait_in_line(record, {record.attempts, record.due_us});
    ++done_;
    return after_record();
  }
  EDDY_ASSIGN(const Ending ending, call(record, task));
  return settle(record, ending);
}

UnitOfWork::Next UnitOfWork::settle(const Record& record, const Ending& ending) {
  switch (ending.kind) {
    case Ending::Kind::kNotNow:
      not_before_ = parts_.clock.steady() + std::max(until(ending.wait.due_us, parts_.clock.now_us()), kAskAgain);
      return Next::kEndUnit;
    case Ending::Kind::kHeld:
      wait_in_line(record, ending.wait);
      break;
    case Ending::Kind::kEnded:
      parts_.session.end(record, ending.outcome);
      parts_.suspects.end(record.partition, record.offset);
      break;
  }
  ++done_;
  return after_record();
}

UnitOfWork::Next UnitOfWork::after_record() const {
  if (parts_.processor.poisoned() || parts_.slot.stopping()) return Next::kEndUnit;
  return looks_at_clock(done_) && full() ? Next::kEndUnit : Next::kGoOn;
}

Result<Task> UnitOfWork::task_of(const Record& record) {
  if (parts_.intake == Intake::kRetries) {
    if (auto task = retried(record)) return *task;
  } else if (parts_.intake == Intake::kRedrives) {
    EDDY_ASSIGN(const auto task, redriven(record));
    if (task) return *task;
  }
  // Of the source, or somebody else's.
  return Task{record, {parts_.source, record.partition, record.offset}};
}

std::optional<Task> UnitOfWork::retried(const Record& record) {
  const auto unwrapped = retry_record_.unwrap(record);
  if (!unwrapped) return std::nullopt;
  Task task{unwrapped->record, unwrapped->origin};
  task.record.attempts = std::max(task.record.attempts, record.attempts);
  return task;
}

// An error: its key is not at hand, and it waits until it is.
Result<std::optional<Task>> UnitOfWork::redriven(const Record& record) {
  const auto unwrapped = RedriveRecord::unwrap(record);
  if (!unwrapped) return std::optional<Task>();
  auto letter = letter_reader_.read(unwrapped->letter);
  if (!letter && letter.error().code == Code::kConfig) return letter.take_error();
  if (!letter || (*letter)->truncated) {
    Task task{record, {parts_.source, record.partition, record.offset}};
    unreadable_ = letter ? "a letter was sent back that is at its origin only" : letter.error().text;
    task.unreadable = unreadable_;
    return std::optional(task);
  }
  redriven_ = {*letter, unwrapped->redrive, unwrapped->queue};
  const Record original = original_of(**letter);
  Task task{original, {(*letter)->origin_stream, original.partition, original.offset}};
  task.record.attempts = record.attempts;
  task.record.due_us = record.due_us;
  task.redriven = &redriven_;
  return std::optional(task);
}

// In a retry stream the first of a partition is due first: until then the partition is paused.
bool UnitOfWork::too_early(const Record& record, const Task& task) {
  if (parts_.intake != Intake::kRetries || task.record.due_us <= parts_.clock.now_us()) return false;
  pause_partition(record.partition, task.record.due_us);
  return true;
}

Result<Ending> UnitOfWork::call(const Record& record, Task& task) {
  if (!started_) started_ = parts_.clock.steady();
  task.deaths = parts_.suspects.deaths(record.partition, record.offset);
  parts_.cell.begin(record.partition, record.offset);
  auto ending = parts_.processor.run(task, parts_.session, parts_.counts);
  parts_.cell.end();
  if (!ending || ending->kind == Ending::Kind::kNotNow) return ending;
  if (!ending->suspicious) {
    failing_since_.reset();
  } else if (!failing_since_) {
    failing_since_ = parts_.clock.steady();
  }
  return ending;
}

void UnitOfWork::wait_in_line(const Record& record, const Wait& wait) {
  room_.add(record, wait);
  parts_.session.hold(record, wait);
  if (!room_.by_key() || room_.held(record.partition) >= kMostHeld) pause_partition(record.partition, kUntilLineGoes);
}

void UnitOfWork::pause_partition(std::uint32_t partition, std::int64_t until_us) {
  paused_[partition] = until_us;
  parts_.session.pause(partition);
}

bool UnitOfWork::full() const {
  if (done_ >= binding_->settings.unit_records) return true;
  if (retracting() || !started_) return false;
  return parts_.clock.steady() - *started_ > std::chrono::milliseconds(binding_->settings.unit_ms);
}

bool UnitOfWork::retracting() const {
  const std::uint32_t window = binding_->settings.breaker.retract_ms;
  return window != 0 && failing_since_ && !parts_.slot.stopping() && !retracted() &&
         parts_.clock.steady() - *failing_since_ < std::chrono::milliseconds(window);
}

bool UnitOfWork::retracted() const {
  return binding_->settings.breaker.retract_ms != 0 && failing_since_ && parts_.policies.breaker.epoch() != epoch_;
}

void UnitOfWork::committed() {
  parts_.counts.commit();
  parts_.suspects.commit();
  parts_.processor.committed();
}

void UnitOfWork::gave_up() {
  parts_.counts.abort();
  parts_.suspects.abort();
  parts_.processor.aborted();
  room_.clear();
  for (const auto& [partition, due] : paused_) parts_.session.resume(partition);
  paused_.clear();
}

std::string UnitOfWork::pause_reason() const {
  if (!held_off_ || binding_ == nullptr) return {};
  if (std::string reason = parts_.policies.breaker.reason(); !reason.empty()) return "paused: " + reason;
  if (not_before_ <= parts_.clock.steady()) return {};
  return "paused: more dead letters than max_per_second (" + std::to_string(binding_->settings.limits.max_per_second) +
         ") allows";
}

}  // namespace eddy::host
