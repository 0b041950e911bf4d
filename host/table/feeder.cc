// SPDX-License-Identifier: Apache-2.0
#include "table/feeder.h"

#include <algorithm>

#include "base/log.h"
#include "table/feed.h"

namespace eddy::host {

namespace {

constexpr std::chrono::milliseconds kIdleWait{1000};  // a wake-up ends it sooner
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr int kMostCommits = 10;  // of one unit; then it is run again, in case it is the unit that cannot be committed

}  // namespace

Feeder::Feeder(Transport& transport, const Clock& clock, FeedSpec spec, std::shared_ptr<WorkerCounters> counters)
    : transport_(transport),
      clock_(clock),
      spec_(std::move(spec)),
      name_(spec_.name()),
      counters_(std::move(counters)),
      thread_([this] { loop(); }) {}

Feeder::~Feeder() {
  stop();
  thread_.join();
}

void Feeder::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  stopped_.notify_all();
  if (session_ != nullptr) session_->wake();
}

bool Feeder::stopping() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

std::string Feeder::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Feeder::set_trouble(std::string text) {
  if (!text.empty()) log_limited(LogLevel::kError, name_, "trouble", text);
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(text);
}

void Feeder::back_off() {
  pause_ = pause_.count() == 0 ? kFirstPause : std::min(pause_ * 2, kLongestPause);
  if (session_ == nullptr) {
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, pause_, [this] { return stop_; });
    return;
  }
  session_->pause();
  const auto end = std::chrono::steady_clock::now() + pause_;
  for (auto left = pause_; left.count() > 0 && !stopping();
       left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now())) {
    if (const auto polled = session_->poll(left, 1); !polled) {
      std::unique_lock lock(mutex_);
      stopped_.wait_for(lock, left, [this] { return stop_; });
      break;
    }
  }
  session_->resume();
}

void Feeder::loop() {
  std::unique_ptr<TableSink> sink;
  while (!stopping() && sink == nullptr) {
    auto opened = open_table(spec_.url, spec_.table);
    if (opened) {
      sink = *std::move(opened);
    } else {
      set_trouble(opened.error().text);
      back_off();
    }
  }
  while (!stopping() && !(prepare(*sink) && open_session())) back_off();
  if (session_ != nullptr) {
    Feed feed(spec_, transport_, *session_, *sink, clock_, *counters_);
    serve(feed, *sink);
  }
  {
    const std::lock_guard lock(mutex_);
    session_.reset();
  }
  finished_.store(true, std::memory_order_release);
}

bool Feeder::prepare(TableSink& sink) {
  const auto prepared = sink.prepare();
  if (!prepared) set_trouble(prepared.error().text);
  return prepared.ok();
}

bool Feeder::open_session() {
  if (session_ != nullptr) return true;
  auto session = transport_.open_session({"eddy-" + name_, spec_.stream, 0, 1, Delivery::kExactlyOnce});
  if (!session) {
    set_trouble(session.error().text);
    return false;
  }
  const std::lock_guard lock(mutex_);
  session_ = *std::move(session);
  return true;
}

void Feeder::serve(Feed& feed, TableSink& sink) {
  bool prepared = true;
  while (!stopping()) {
    if (!prepared && !(prepared = prepare(sink))) {
      back_off();
      continue;
    }
    const auto ran = feed.run(kIdleWait);
    if (!ran) {
      prepared = false;
      give_up(feed, ran.error());
    } else if (commit(feed)) {
      if (*ran > 0) pause_ = {};
      if (!trouble().empty()) set_trouble("");
    }
  }
}

bool Feeder::commit(Feed& feed) {
  for (int attempt = 1;; ++attempt) {
    const auto committed = session_->commit();
    if (committed) break;
    counters_->write_failures.add();
    if (stopping() || attempt == kMostCommits || committed.error().code == Code::kConflict) {
      give_up(feed, committed.error());
      return false;
    }
    set_trouble("cannot commit, waiting: " + committed.error().text);
    pause_ = pause_.count() == 0 ? kFirstPause : std::min(pause_ * 2, kLongestPause);
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, pause_, [this] { return stop_; });
  }
  feed.committed();
  return true;
}

// The records come again; what the table has settled of them is found there.
void Feeder::give_up(Feed& feed, const Error& why) {
  set_trouble("waiting: " + why.text);
  feed.gave_up();
  if (const auto aborted = session_->abort(); !aborted) set_trouble("waiting: " + aborted.error().text);
  back_off();
}

}  // namespace eddy::host
