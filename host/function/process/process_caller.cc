// SPDX-License-Identifier: Apache-2.0
#include "function/process/process_caller.h"

#include <algorithm>
#include <thread>

#include "base/log.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPublishEvery = 32;                     // the process works on these while the next are written
constexpr std::size_t kRingForState = std::size_t{64} << 20;  // memory it takes only once it is needed
constexpr std::chrono::milliseconds kAskProcess{100};
constexpr std::chrono::milliseconds kSlowSetUp{50};

}  // namespace

Result<std::unique_ptr<ProcessCaller>> ProcessCaller::create(BindingPtr binding, Zygote& zygote,
                                                             std::function<bool()> stopping) {
  std::unique_ptr<ProcessCaller> caller(new ProcessCaller(std::move(binding), zygote, std::move(stopping)));
  if (caller->binding_->decl->state.save != nullptr) caller->least_.responses = kRingForState;
  caller->sizes_ = caller->least_;
  EDDY_TRY(caller->start());
  return caller;
}

Result<void> ProcessCaller::start() {
  if (deaths_ >= kMostDeaths) {
    deaths_ = kMostDeaths - 1;  // the worker backs off, and then tries once
    return Error{Code::kUnavailable,
                 "function " + binding_->decl->name +
                     ": its worker processes die one after another, before they have ended a record"};
  }
  EDDY_TRY(back_off());
  EDDY_ASSIGN(process_, next_process());
  first_number_ = next_number_;
  last_answered_ = next_number_ - 1;
  owed_ = 0;
  keep_spare();
  return take_over();
}

// Ready: the spare, or a new one where the record at hand needs larger rings than a spare has.
Result<std::unique_ptr<WorkerProcess>> ProcessCaller::next_process() {
  const Time begin = std::chrono::steady_clock::now();
  std::unique_ptr<WorkerProcess> next;
  if (sizes_ == least_) next = std::move(spare_);
  const bool anew = next == nullptr;
  if (anew) {
    EDDY_ASSIGN(next, WorkerProcess::start(*binding_, zygote_, sizes_));
  }
  EDDY_TRY(next->await_ready(*binding_, stopping_));
  has_ = anew ? sizes_ : least_;
  if (anew) slow_set_up_ = std::chrono::steady_clock::now() - begin > kSlowSetUp;
  return next;
}

// At the pace that is left to a function whose processes die again and again.
Result<void> ProcessCaller::back_off() {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(pace_.wait(std::chrono::steady_clock::now()));
  if (wait.count() == 0) return {};
  ++new_backoffs_;
  const Time until = std::chrono::steady_clock::now() + wait;
  for (Time now = until - wait; now < until; now = std::chrono::steady_clock::now()) {
    if (stopping_()) return Error{Code::kUnavailable, "the host stops"};
    std::this_thread::sleep_for(std::min<Time::duration>(until - now, kAskProcess));
  }
  return {};
}

// Ends the process, which has died or is no good any more. A record that is the first and last of its own has cost all
// the time that it took.
ExitStatus ProcessCaller::bury() {
  const bool in_vain = !sent_.empty() && is_first();
  const bool was_slowed = pace_.slowed();
  const ExitStatus status = process_->end();
  pace_.died(std::chrono::steady_clock::now(), in_vain ? status.cpu : RespawnPace::Duration::zero());
  if (pace_.slowed() && !was_slowed) {
    log_limited(LogLevel::kWarn, binding_->decl->name, "worker processes back off",
                "its worker processes die again and again: they are replaced more slowly, so that other functions have "
                "the processors, until there has been a while without a death");
  }
  ahead_ = 1;
  ++new_deaths_;
  discard();
  return status;
}

// One that cannot be made is made when it is needed, and says then why not.
void ProcessCaller::keep_spare() {
  if (!slow_set_up_ || spare_ != nullptr) return;
  if (auto spare = WorkerProcess::start(*binding_, zygote_, least_)) spare_ = *std::move(spare);
}

// The process is no good any more. What it has not answered is sent again.
void ProcessCaller::discard() {
  process_.reset();
  sent_.clear();
  const auto here = std::ranges::find_if(expected_, [&](const Record& record) {
    return record.partition == task_->record.partition && record.offset == task_->record.offset;
  });
  if (here != expected_.end()) next_expected_ = static_cast<std::size_t>(here - expected_.begin()) + 1;
}

void ProcessCaller::expect(std::span<const Record> records) {
  // A letter may be another function's, which its reader finds out only when its turn comes; and what is called ahead
  // and then called again would be twice in a state that is handed over.
  if (binding_->over_queue() || binding_->decl->state.save != nullptr) return;
  expected_ = records;
  next_expected_ = 0;
  if (!sent_.empty() && !records.empty()) {
    // Some of them may be sent already: the unit before has ended between them.
    const Sent& last = sent_.back();
    const auto found = std::ranges::find_if(records, [&](const Record& record) {
      return record.partition == last.partition && record.offset == last.offset;
    });
    if (found == records.end()) {
      sent_.clear();
    } else {
      next_expected_ = static_cast<std::size_t>(found - records.begin()) + 1;
    }
  }
  if (process_ != nullptr) send_ahead();
}

void ProcessCaller::send_ahead() {
  std::size_t unpublished = 0;
  while (next_expected_ < expected_.size() && sent_.size() < ahead_) {
    const Record& record = expected_[next_expected_];
    if (record.attempts == 0) {  // else it waits for its time
      if (!send(record, binding_->decl->source)) break;
      if (++unpublished == kPublishEvery) {
        process_->publish();
        unpublished = 0;
      }
    }
    ++next_expected_;
  }
  if (unpublished != 0) process_->publish();
}

bool ProcessCaller::send(const Record& record, std::string_view stream) {
  if (!process_->send({next_number_, stream, record})) return false;
  sent_.push_back({next_number_++, record.partition, record.offset});
  return true;
}

std::optional<FailureCause> ProcessCaller::prepare(const Task& task, const DeadLetter* /*letter*/) {
  task_ = &task;
  return std::nullopt;  // the process looks at the value, and at the letter, itself
}

// Whether it is on its way: then it is the front.
bool ProcessCaller::was_sent() {
  const auto found = std::ranges::find_if(sent_, [&](const Sent& sent) {
    return sent.partition == task_->record.partition && sent.offset == task_->record.offset;
  });
  sent_.erase(sent_.begin(), found);
  return !sent_.empty();
}

ProcessCaller::MaybeCalled ProcessCaller::send_now() {
  const RecordRequest request{next_number_, task_->origin.stream, task_->record};
  if (const std::size_t size = WorkerProcess::request_size(request); size > process_->most_request()) {
    const auto ring = ring_for(size);
    if (!ring) return too_large(size);
    sizes_ = {std::max(has_.requests, *ring), std::max(sizes_.responses, has_.responses)};
    carry_state();
    discard();
    return std::nullopt;
  }
  if (!send(task_->record, task_->origin.stream)) return std::nullopt;  // no room: there will be
  process_->publish();
  owed_ = 0;  // its time begins now
  return std::nullopt;
}

Result<Called> ProcessCaller::call() {
  for (;;) {
    EDDY_ASSIGN(MaybeCalled called, go_on());
    if (!called) continue;
    // What this record needed is not what one after a death begins with; the process that has it goes on.
    sizes_ = least_;
    called->process_deaths = std::exchange(new_deaths_, 0);
    called->process_backoffs = std::exchange(new_backoffs_, 0);
    return *called;
  }
}

Result<ProcessCaller::MaybeCalled> ProcessCaller::go_on() {
  if (process_ == nullptr) EDDY_TRY(start());
  if (!was_sent()) {
    if (MaybeCalled refused = send_now()) return refused;
    if (process_ == nullptr) return MaybeCalled();
  }
  if (!sent_.empty() && sent_.size() < ahead_ / 2) send_ahead();  // behind the record at hand
  return take(process_->wait(kAskProcess, *binding_, answer_, outputs_));
}

}  // namespace eddy::host
