// SPDX-License-Identifier: Apache-2.0
#include "function/process/process_caller.h"

#include <algorithm>
#include <bit>
#include <csignal>
#include <thread>

#include "base/log.h"
#include "guard/symbolise.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPublishEvery = 32;  // the process works on these while the next are written
constexpr std::size_t kMostText = 64 << 10;
constexpr std::size_t kLargestRing = std::size_t{1} << 30;
constexpr std::size_t kRingForState = std::size_t{64} << 20;  // memory it takes only once it is needed
constexpr std::chrono::milliseconds kLook{100};
// A late call is left inside the process, which then says so; for one that cannot, this much later, the host ends it.
constexpr std::chrono::milliseconds kBeyondTimeout{4000};
constexpr std::chrono::milliseconds kStopTime{5000};
constexpr std::chrono::milliseconds kSlowSetUp{50};
constexpr std::uint32_t kMostDeaths = 8;  // with no record ended between them

std::string_view clipped(std::string_view text) { return text.substr(0, kMostText); }

}  // namespace

Result<std::unique_ptr<ProcessCaller>> ProcessCaller::create(BindingPtr binding, Zygote& zygote,
                                                             std::function<bool()> stopping) {
  std::unique_ptr<ProcessCaller> caller(new ProcessCaller(std::move(binding), zygote, std::move(stopping)));
  if (caller->binding_->decl->state.save != nullptr) caller->sizes_.responses = kRingForState;
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
  const bool anew = spare_ == nullptr;
  const Time begin = std::chrono::steady_clock::now();
  if (anew) {
    EDDY_ASSIGN(spare_, WorkerProcess::start(*binding_, zygote_, sizes_));
  }
  std::unique_ptr<WorkerProcess> next = std::move(spare_);
  EDDY_TRY(next->await_ready(*binding_, stopping_));
  process_ = std::move(next);
  if (anew) slow_set_up_ = std::chrono::steady_clock::now() - begin > kSlowSetUp;
  first_number_ = next_number_;
  last_answered_ = next_number_ - 1;
  watched_ = 0;
  keep_spare();
  return {};
}

// At the pace that is left to a function whose processes die again and again.
Result<void> ProcessCaller::back_off() {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(pace_.wait(std::chrono::steady_clock::now()));
  if (wait.count() == 0) return {};
  ++new_backoffs_;
  const Time until = std::chrono::steady_clock::now() + wait;
  for (Time now = until - wait; now < until; now = std::chrono::steady_clock::now()) {
    if (stopping_()) return Error{Code::kUnavailable, "the host stops"};
    std::this_thread::sleep_for(std::min<Time::duration>(until - now, kLook));
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
  if (auto spare = WorkerProcess::start(*binding_, zygote_, sizes_)) spare_ = *std::move(spare);
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
    return grow(sizes_.requests, size);
  }
  if (send(task_->record, task_->origin.stream)) process_->publish();
  return std::nullopt;  // no room: there will be
}

ProcessCaller::MaybeCalled ProcessCaller::grow(std::size_t& ring, std::uint64_t message) {
  if (message > kLargestRing / 2) {
    return failed("RecordTooLarge",
                  "a record or its outputs take " + std::to_string(message) +
                      " bytes on their way to a worker process " + "or back; the limit is " +
                      std::to_string(kLargestRing / 2),
                  FaultKind::kException);
  }
  spare_.reset();  // it has the smaller rings
  ring = std::max(ring, std::bit_ceil(static_cast<std::size_t>(message) * 2 + 4096));
  discard();
  return std::nullopt;
}

Result<Called> ProcessCaller::call() {
  for (;;) {
    if (process_ == nullptr) EDDY_TRY(start());
    if (!was_sent()) {
      if (MaybeCalled refused = send_now()) return *refused;
      if (process_ == nullptr) continue;
    }
    if (!sent_.empty() && sent_.size() < ahead_ / 2) send_ahead();  // behind the record at hand
    EDDY_ASSIGN(MaybeCalled called, take(process_->wait(kLook, *binding_, answer_, outputs_)));
    if (!called) continue;
    called->process_deaths = std::exchange(new_deaths_, 0);
    called->process_backoffs = std::exchange(new_backoffs_, 0);
    return *called;
  }
}

Result<ProcessCaller::MaybeCalled> ProcessCaller::take(WorkerProcess::Event event) {
  switch (event) {
    case WorkerProcess::Event::kAnswer:
      return take_answer();
    case WorkerProcess::Event::kDead:
    case WorkerProcess::Event::kNonsense:
      return take_death();
    case WorkerProcess::Event::kNothing:
      break;
  }
  return take_silence();
}

ProcessCaller::MaybeCalled ProcessCaller::take_answer() {
  const bool mine = !sent_.empty() && answer_.number == sent_.front().number;
  if (answer_.number <= last_answered_ || answer_.number >= next_number_ ||
      (!mine && !sent_.empty() && answer_.number > sent_.front().number)) {
    return take_death();  // an honest process answers in order
  }
  last_answered_ = answer_.number;
  if (mine && answer_.kind == AnswerKind::kTooLarge) return grow(sizes_.responses, answer_.size);
  if (mine && answer_.kind != AnswerKind::kCalled) return take_death();
  if (!mine) {
    process_->release();
    return std::nullopt;
  }
  const bool suspicious = answer_.poisoned && answer_.fault_kind != FaultKind::kTimeout && !is_first();
  MaybeCalled called = called_by_answer();
  process_->release();
  if (answer_.poisoned) {
    ++deaths_;
    bury();
    if (suspicious) return std::nullopt;
    deaths_ = 0;  // a record has ended: that is progress
    return called;
  }
  deaths_ = 0;
  ahead_ = std::min(ahead_ * 2, kMostAhead);
  sent_.pop_front();
  return called;
}

Called ProcessCaller::called_by_answer() {
  Called called;
  called.filtered = answer_.filtered;
  called.fault = answer_.fault_kind;
  called.seconds = answer_.seconds;
  if (!answer_.failed) return called;
  cause_type_ = clipped(answer_.type);
  cause_message_ = clipped(answer_.message);
  if (answer_.fault) fault_ = *std::move(answer_.fault);
  called.cause = {cause_type_, cause_message_, answer_.fail_kind, answer_.fault ? &fault_ : nullptr, 0, answer_.called};
  return called;
}

ProcessCaller::MaybeCalled ProcessCaller::take_death() {
  const bool nonsense = process_->alive();
  const std::uint64_t working_on = process_->working_on();
  const bool at_work = !sent_.empty() && working_on == sent_.front().number;
  const bool verdict = (at_work || nonsense) && !sent_.empty() && is_first();
  ++deaths_;
  const ExitStatus status = bury();
  const std::string how = nonsense ? "wrote what is no answer" : describe(status);
  log_limited(LogLevel::kWarn, binding_->decl->name, "worker process",
              "a worker process of plugin " + binding_->image->identity.name + " " + how + "; another one goes on");
  if (!verdict) return std::nullopt;
  deaths_ = 0;
  const std::string message = "the worker process " + how + " while this record was being processed";
  if (nonsense || status.signal == SIGKILL || !status.known) return failed("Killed", message, FaultKind::kKilled);
  if (status.signal != 0) return failed(signal_name(status.signal), message, FaultKind::kSignal);
  return failed("Exit", message, FaultKind::kSignal);
}

Result<ProcessCaller::MaybeCalled> ProcessCaller::take_silence() {
  const Time now = std::chrono::steady_clock::now();
  if (stopping_()) {
    process_->request_stop();
    if (!stop_seen_) stop_seen_ = now;
    if (now - *stop_seen_ < kStopTime) return MaybeCalled();
    process_->end();
    discard();
    return Error{Code::kUnavailable, "the host stops, and the call did not end: it is repeated"};
  }
  const std::uint64_t working_on = process_->working_on();
  if (working_on != watched_) {
    watched_ = working_on;
    watched_since_ = now;
  }
  const std::uint32_t timeout = binding_->settings.timeout_ms;
  if (timeout == 0 || working_on <= last_answered_ ||
      now - watched_since_ < std::chrono::milliseconds(timeout) + kBeyondTimeout) {
    return MaybeCalled();
  }
  const bool mine = !sent_.empty() && working_on == sent_.front().number;
  bury();
  if (!mine) return MaybeCalled();
  return MaybeCalled(failed(
      "Timeout", "the call took longer than " + std::to_string(timeout) + " ms, and its worker process was killed",
      FaultKind::kTimeout));
}

std::optional<FunctionState> ProcessCaller::save() {
  if (binding_->decl->state.save == nullptr || process_ == nullptr) return std::nullopt;
  const auto answered = process_->ask(RequestKind::kSave, {}, *binding_, answer_, stopping_);
  if (!answered || answer_.kind != AnswerKind::kState || !answer_.has_state) {
    if (answered) process_->release();
    return std::nullopt;
  }
  FunctionState state{.plugin = binding_->image->identity.name,
                      .function = binding_->decl->name,
                      .version = answer_.state_version,
                      .bytes = std::string(answer_.state)};
  process_->release();
  return state;
}

Result<void> ProcessCaller::load(const FunctionState& state) {
  if (const std::size_t wanted = std::bit_ceil(state.bytes.size() * 2 + 4096); wanted > sizes_.requests) {
    sizes_.requests = wanted;
    process_.reset();
    spare_.reset();
    EDDY_TRY(start());
  }
  EDDY_TRY(process_->ask(RequestKind::kLoad, state, *binding_, answer_, stopping_));
  const std::string why(clipped(answer_.message));
  const bool loaded = answer_.kind == AnswerKind::kLoaded && why.empty();
  process_->release();
  if (loaded) return {};
  return Error{Code::kRefused, why.empty() ? "its worker process does not answer" : why};
}

Called ProcessCaller::failed(std::string_view type, std::string message, FaultKind kind) {
  outputs_.clear();
  cause_type_ = type;
  cause_message_ = std::move(message);
  Called called;
  called.fault = kind;
  called.cause = {cause_type_, cause_message_, EDDY_FAIL_PLAIN, nullptr, 0, true};
  return called;
}

}  // namespace eddy::host
