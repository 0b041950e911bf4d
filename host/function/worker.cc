// SPDX-License-Identifier: Apache-2.0
#include "function/worker.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace eddy::host {

namespace {

constexpr std::chrono::milliseconds kIdleWait{1000};  // a wake-up ends it sooner
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::array<std::string_view, 3> kNameEnds = {"", " (retries)", " (redrives)"};  // by Intake
constexpr int kMostCommits = 10;  // of one unit; then it is run again, in case it is the unit that cannot be committed

}  // namespace

Worker::Worker(const WorkerContext& context, const Slot& slot, FunctionPolicies& policies, WorkerSpec spec,
               std::shared_ptr<WorkerCounters> counters)
    : context_(context),
      slot_(slot),
      policies_(policies),
      spec_(std::move(spec)),
      name_(spec_.function + std::string(kNameEnds[static_cast<std::size_t>(spec_.intake)])),
      counters_(std::move(counters)),
      counts_(*counters_),
      thread_([this] { loop(); }) {}

Worker::~Worker() {
  wake();
  thread_.join();
}

void Worker::wake() {
  const std::lock_guard lock(mutex_);
  if (session_ != nullptr) session_->wake();
}

std::string Worker::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Worker::set_trouble(std::string text) {
  if (!text.empty()) log_limited(LogLevel::kError, name_, "trouble", text);
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(text);
}

std::chrono::milliseconds Worker::next_pause() {
  pause_ = pause_.count() == 0 ? kFirstPause : std::min(pause_ * 2, kLongestPause);
  return pause_;
}

void Worker::back_off() { slot_.wait_stop(next_pause()); }

void Worker::loop() {
  auto guard = ThreadGuard::enter();
  while (!guard && !slot_.stopping()) {
    set_trouble(guard.error().text);
    back_off();
    guard = ThreadGuard::enter();
  }
  while (!slot_.stopping() && !open_session()) back_off();
  pause_ = {};
  if (guard && session_ != nullptr) serve(**guard);
  if (cell_ != nullptr) context_.journal.release(cell_);
  {
    const std::lock_guard lock(mutex_);
    session_.reset();
  }
  finished_.store(true, std::memory_order_release);
  if (context_.on_end) context_.on_end();
}

void Worker::serve(ThreadGuard& guard) {
  guard.stop_with(slot_.stop_flag());
  std::optional<WorkerProcesses> processes;
  if (context_.zygote != nullptr)
    processes.emplace(WorkerProcesses{*context_.zygote, [this] { return slot_.stopping(); }});
  Processor processor(guard, context_.clock, policies_, processes ? &*processes : nullptr);
  Suspects suspects(context_.journal, name_);
  UnitOfWork unit({*session_, processor, counts_, policies_, *cell_, suspects, context_.clock, slot_,
                   spec_.session.stream, spec_.intake});
  while (!slot_.stopping()) {
    if (slot_.version() != seen_version_) rebind(processor, unit);
    if (runnable_ && binding_->poisoned()) runnable_ = false;
    if (runnable_) {
      run_unit(unit);
      // Also when its dead letter could not be written: the record comes again, and needs code to run.
      if (processor.poisoned()) report_fault(false);
    } else {
      wait_for_binding(unit);
    }
  }
}

bool Worker::open_session() {
  if (cell_ == nullptr) {
    auto cell = context_.journal.acquire(name_, spec_.session.worker);
    if (!cell) {
      set_trouble(cell.error().text);
      return false;
    }
    cell_ = *cell;
  }
  auto session = context_.transport.open_session(spec_.session);
  if (!session) {
    set_trouble(session.error().text);
    return false;
  }
  const std::lock_guard lock(mutex_);
  session_ = *std::move(session);
  return true;
}

// A function may fault when it hands over its state, and its image may be one that is to go on.
void Worker::leave_binding(Processor& processor) {
  const bool clean = binding_ != nullptr && !binding_->image->poisoned.load();
  processor.unbind();
  if (clean && binding_->image->poisoned.load()) context_.on_fault(*binding_, false);
}

void Worker::rebind(Processor& processor, UnitOfWork& unit) {
  const Slot::View view = slot_.view();
  seen_version_ = view.version;
  runnable_ = false;
  leave_binding(processor);
  unit.unbind();
  binding_ = view.binding;
  if (binding_ == nullptr) return set_trouble("nothing to run: its plugin is quarantined or gone");
  if (binding_->poisoned()) return;  // a fresh one is on its way
  if (const auto bound = processor.bind(binding_); !bound) {
    set_trouble(bound.error().text);
    // A function that faulted over what it was handed does not get it again: that is no fault of its set-up.
    if (binding_->poisoned()) report_fault(!processor.state_faulted());
    return;
  }
  if (const auto bound = unit.bind(*binding_); !bound) {
    set_trouble(bound.error().text);
    seen_version_ = 0;
    return back_off();
  }
  runnable_ = true;
  pause_ = {};
  set_trouble("");
}

void Worker::report_fault(bool in_setup) {
  if (binding_->image->poisoned.load()) context_.on_fault(*binding_, in_setup);
  if (binding_->canary && binding_->canary->stable->poisoned()) context_.on_fault(*binding_->canary->stable, in_setup);
}

// A set-up that failed without a fault is tried again after a while: what it needs may have come.
void Worker::wait_for_binding(UnitOfWork& unit) {
  const bool try_again = binding_ != nullptr && !binding_->poisoned();
  // Woken when the slot changes; polled meanwhile, so that the function keeps its place in its group.
  if (const auto idled = unit.idle(try_again ? next_pause() : kIdleWait); !idled) give_up(unit, idled.error());
  if (try_again) seen_version_ = 0;
}

void Worker::run_unit(UnitOfWork& unit) {
  const auto ran = unit.run(kIdleWait);
  if (!ran) return give_up(unit, ran.error());
  if (unit.retracted()) {
    give_up(unit);
  } else if (unit.records() > 0) {
    if (!commit(unit)) return;
  } else if (const auto tidied = session_->commit(); !tidied) {  // what only moved over offsets without records
    return give_up(unit, tidied.error());
  }
  const std::string reason = unit.pause_reason();
  if (paused_ || !reason.empty()) set_trouble(reason);
  paused_ = !reason.empty();
}

bool Worker::commit(UnitOfWork& unit) {
  for (int attempt = 1;; ++attempt) {
    const auto committed = session_->commit();
    if (committed) break;
    counters_->write_failures.add();
    if (slot_.stopping() || attempt == kMostCommits || committed.error().code == Code::kConflict) {
      give_up(unit, committed.error());
      return false;
    }
    set_trouble("cannot commit, waiting: " + committed.error().text);
    back_off();
  }
  if (pause_.count() != 0) set_trouble("");
  pause_ = {};
  unit.committed();
  return true;
}

// Nothing of the unit has happened: it is run again.
void Worker::give_up(UnitOfWork& unit) {
  unit.gave_up();
  if (const auto aborted = session_->abort(); !aborted) {
    set_trouble("waiting: " + aborted.error().text);
    back_off();
  }
}

void Worker::give_up(UnitOfWork& unit, const Error& why) {
  set_trouble("waiting: " + why.text);
  give_up(unit);
  back_off();
}

}  // namespace eddy::host
