// SPDX-License-Identifier: Apache-2.0
#include "function/worker.h"

#include <algorithm>

#include "base/log.h"

namespace eddy::host {

namespace {

constexpr std::chrono::milliseconds kIdleWait{1000};  // a wake-up ends it sooner
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::size_t kClockEvery = 64;  // records between two looks at the unit's age, sooner at its beginning
constexpr std::size_t kSmallestBatch = 16;
constexpr int kMostCommits = 10;  // of one unit; then it is run again, in case it is the unit that cannot be committed

// After 1, 2, 4, … and every 64 records: a function that takes a second each is noticed at once.
bool looks_at_clock(std::size_t done) { return done % kClockEvery == 0 || (done & (done - 1)) == 0; }

}  // namespace

Worker::Worker(const WorkerContext& context, const Slot& slot, SessionSpec spec, std::string function,
               std::shared_ptr<WorkerCounters> counters)
    : context_(context),
      slot_(slot),
      spec_(std::move(spec)),
      function_(std::move(function)),
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
  if (!text.empty()) log_limited(LogLevel::kError, function_, "trouble", text);
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
  if (guard && session_ != nullptr) {
    Processor processor(**guard, context_.clock);
    while (!slot_.stopping()) {
      if (slot_.version() != seen_version_) rebind(processor);
      if (runnable_ && binding_->image->poisoned.load(std::memory_order_acquire)) runnable_ = false;
      if (runnable_) {
        unit(processor);
      } else {
        wait_for_binding();
      }
    }
  }
  if (cell_ != nullptr) context_.journal.release(cell_);
  {
    const std::lock_guard lock(mutex_);
    session_.reset();
  }
  finished_.store(true, std::memory_order_release);
}

bool Worker::open_session() {
  if (cell_ == nullptr) {
    auto cell = context_.journal.acquire(function_, spec_.worker);
    if (!cell) {
      set_trouble(cell.error().text);
      return false;
    }
    cell_ = *cell;
    suspects_ = context_.journal.suspects(function_);
  }
  auto session = context_.transport.open_session(spec_);
  if (!session) {
    set_trouble(session.error().text);
    return false;
  }
  const std::lock_guard lock(mutex_);
  session_ = *std::move(session);
  return true;
}

void Worker::rebind(Processor& processor) {
  const Slot::View view = slot_.view();
  seen_version_ = view.version;
  runnable_ = false;
  processor.unbind();
  binding_ = view.binding;
  if (binding_ == nullptr) return set_trouble("nothing to run: its plugin is quarantined or gone");
  if (const auto bound = processor.bind(binding_); !bound) {
    set_trouble(bound.error().text);
    if (binding_->image->poisoned.load()) context_.on_fault(*binding_, true);
    return;
  }
  runnable_ = true;
  pause_ = {};
  batch_limit_ = binding_->settings.unit_records;
  set_trouble("");
}

// A set-up that failed without a fault is tried again after a while: what it needs may have come.
void Worker::wait_for_binding() {
  const bool try_again = binding_ != nullptr && !binding_->image->poisoned.load();
  slot_.wait_change(seen_version_, try_again ? next_pause() : kIdleWait);
  if (try_again) seen_version_ = 0;
}

void Worker::unit(Processor& processor) {
  const auto batch = session_->poll(kIdleWait, batch_limit_);
  if (!batch) return give_up_unit(batch.error());
  if (batch->empty()) return;
  const std::size_t done = run_batch(processor, *batch);
  if (done == 0) return;
  // A slow function gets smaller batches, so that little is read again after a unit that ended by time.
  const bool by_time = done < batch->size() && !processor.poisoned();
  batch_limit_ = by_time ? std::max(done * 2, kSmallestBatch)
                         : std::min<std::size_t>(batch_limit_ * 2, binding_->settings.unit_records);
  if (!commit()) return;
  if (processor.poisoned()) context_.on_fault(*binding_, false);
}

std::size_t Worker::run_batch(Processor& processor, std::span<const Record> batch) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(binding_->settings.unit_ms);
  std::size_t done = 0;
  for (const Record& record : batch) {
    if (binding_->image->poisoned.load(std::memory_order_acquire)) break;  // by another worker of the plugin
    const std::uint32_t died = suspects_.empty() ? 0 : deaths(record);
    cell_->begin(record.partition, record.offset);
    const auto outcome = processor.run(record, died, *session_, counts_);
    cell_->end();
    if (!outcome) {
      give_up_unit(outcome.error());
      return 0;
    }
    session_->end(record, *outcome);
    ++done;
    if (processor.poisoned() || slot_.stopping()) break;
    if (looks_at_clock(done) && std::chrono::steady_clock::now() > end) break;
  }
  return done;
}

bool Worker::commit() {
  for (int attempt = 1;; ++attempt) {
    const auto committed = session_->commit();
    if (committed) break;
    counters_->write_failures.add();
    set_trouble("cannot commit, waiting: " + committed.error().text);
    back_off();
    if (slot_.stopping() || attempt == kMostCommits) {
      give_up_unit(committed.error());
      return false;
    }
  }
  if (pause_.count() != 0) set_trouble("");
  pause_ = {};
  counts_.commit();
  for (const Suspect& suspect : ended_suspects_) context_.journal.forget(function_, suspect.partition, suspect.offset);
  ended_suspects_.clear();
  return true;
}

// Nothing of the unit has happened: it is run again after a while.
void Worker::give_up_unit(const Error& why) {
  counts_.abort();
  suspects_.insert(suspects_.end(), ended_suspects_.begin(), ended_suspects_.end());
  ended_suspects_.clear();
  set_trouble("waiting: " + why.text);
  if (const auto aborted = session_->abort(); !aborted) set_trouble("waiting: " + aborted.error().text);
  back_off();
}

std::uint32_t Worker::deaths(const Record& record) {
  const auto found = std::find_if(suspects_.begin(), suspects_.end(), [&](const Suspect& suspect) {
    return suspect.partition == record.partition && suspect.offset == record.offset;
  });
  if (found == suspects_.end()) return 0;
  const std::uint32_t count = found->deaths;
  ended_suspects_.push_back(*found);
  suspects_.erase(found);
  return count;
}

}  // namespace eddy::host
