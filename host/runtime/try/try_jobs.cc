// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/try_jobs.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "runtime/try/candidate.h"

namespace eddy::host {

namespace {
constexpr std::chrono::milliseconds kTellEvery{250};
}

struct TryJobs::Job {
  TryStatus status;  // under the jobs' mutex
  std::atomic<bool> cancelled{false};
  std::thread thread;

  bool ended() const { return status.state != TryStatus::State::kRunning; }
};

TryJobs::TryJobs(Transport& transport, Zygote& zygote) : transport_(transport), zygote_(zygote) {}

TryJobs::~TryJobs() {
  for (const auto& job : jobs_) job->cancelled = true;
  for (const auto& job : jobs_) job->thread.join();
}

Result<std::string> TryJobs::start(TryRequest request) {
  const std::lock_guard lock(mutex_);
  const auto running = std::ranges::count_if(jobs_, [](const auto& job) { return !job->ended(); });
  if (static_cast<std::size_t>(running) >= kAtOnce) {
    return Error{Code::kConflict, std::to_string(running) + " trials run already; wait for one to end, or cancel it"};
  }
  forget_old();
  Job& job = *jobs_.emplace_front(std::make_unique<Job>());
  job.status.id = "try-" + std::to_string(next_++);
  job.status.letters = request.letters.size();
  job.status.report.queue = request.queue;
  job.status.started_us = SystemClock().now_us();
  job.thread = std::thread([this, &job, own = std::move(request)]() mutable { run(job, std::move(own)); });
  return job.status.id;
}

void TryJobs::forget_old() {
  std::size_t ended = 0;
  std::erase_if(jobs_, [&](const std::unique_ptr<Job>& job) {
    if (!job->ended() || ++ended < kKept) return false;
    job->thread.join();
    return true;
  });
}

void TryJobs::run(Job& job, TryRequest request) {
  pthread_setname_np(pthread_self(), "eddy-try");
  auto report = tried(job, std::move(request));
  const std::lock_guard lock(mutex_);
  using State = TryStatus::State;
  job.status.ended_us = SystemClock().now_us();
  job.status.state = job.cancelled ? State::kCancelled : report ? State::kDone : State::kFailed;
  if (report) {
    job.status.report = *std::move(report);
  } else {
    job.status.error = report.error().text;
  }
}

Result<TryReport> TryJobs::tried(Job& job, TryRequest request) {
  // Whoever asks over the network does not answer for the file's place.
  EDDY_ASSIGN(const Candidate candidate, open_candidate(request.plugin, request.settings, zygote_, false));
  TrySpec spec{.queue = request.queue,
               .candidate = candidate.image,
               .settings = std::move(request.settings),
               .topology = std::move(request.topology),
               .zygote = &zygote_,
               .options = request.options};
  auto told = std::chrono::steady_clock::now();
  const auto progress = [&](const TryReport& so_far) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told < kTellEvery) return;
    told = now;
    const std::lock_guard lock(mutex_);
    job.status.report = so_far;
  };
  LetterTrial trial(
      std::move(spec), transport_, [&] { return !job.cancelled; }, progress);
  return trial.run(std::move(request.letters));
}

std::optional<TryStatus> TryJobs::status(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(jobs_, id, [](const auto& job) { return job->status.id; });
  if (found == jobs_.end()) return std::nullopt;
  return (*found)->status;
}

std::vector<TryStatus> TryJobs::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<TryStatus> all;
  for (const auto& job : jobs_) all.push_back(job->status);
  return all;
}

bool TryJobs::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(jobs_, id, [](const auto& job) { return job->status.id; });
  if (found == jobs_.end() || (*found)->ended()) return false;
  (*found)->cancelled = true;
  return true;
}

}  // namespace eddy::host
