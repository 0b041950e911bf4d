// SPDX-License-Identifier: Apache-2.0
#include "ingest/appender.h"

#include <pthread.h>

#include <algorithm>

#include "base/log.h"
#include "http/thread_signals.h"

namespace eddy::host {
namespace {

// After so long without a failed write the host says that it is ready: else a balancer that sends nothing to a host
// that is not ready would never find out.
constexpr std::chrono::seconds kTroubleTime{15};

bool permanent(const Error& error) { return error.code == Code::kTooLarge || error.code == Code::kBadData; }

bool still_open(const AppendJob& job) { return job.end == AppendEnd::kDurable; }

}  // namespace

Appender::Appender(Transport& transport, const Clock& clock, IdempotencyJournal* journal, std::size_t max_waiting_bytes,
                   Completed completed)
    : transport_(transport),
      clock_(clock),
      journal_(journal),
      max_waiting_bytes_(max_waiting_bytes),
      completed_(std::move(completed)),
      thread_([this] { run(); }) {}

Appender::~Appender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_one();
  thread_.join();
}

bool Appender::submit(AppendJob& job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ > 0 && waiting_bytes_ + job.bytes > max_waiting_bytes_) return false;
    waiting_bytes_ += job.bytes;
    waiting_.push_back(&job);
    if (waiting_.size() > 1) return true;
  }
  filled_.notify_one();
  return true;
}

std::string Appender::trouble() const {
  const std::lock_guard lock(mutex_);
  if (trouble_.empty() || clock_.steady() - trouble_at_ > kTroubleTime) return {};
  return trouble_;
}

void Appender::run() {
  block_process_signals();
  pthread_setname_np(pthread_self(), "eddy-append");
  while (true) {
    Jobs jobs;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      jobs.swap(waiting_);
      waiting_.reserve(jobs.size());
    }
    std::size_t bytes = 0;
    for (const AppendJob* job : jobs) bytes += job->bytes;
    write(jobs);
    note(jobs);
    {
      const std::lock_guard lock(mutex_);
      waiting_bytes_ -= bytes;
    }
    completed_(std::move(jobs));
  }
  if (journal_ != nullptr) journal_->flush();
}

void Appender::write(const Jobs& jobs) {
  for (AppendJob* job : jobs) job->end = AppendEnd::kDurable;
  begin_keyed(jobs);
  write_letters(jobs);
  write_all(jobs, &AppendJob::stream, &AppendJob::records);
  for (AppendJob* job : jobs) {
    if (still_open(*job) && !job->key_id.empty()) journal_->done(*job);
  }
}

// Intents first: from then on a crash leaves a trace. What an earlier try has written already is not written again.
void Appender::begin_keyed(const Jobs& jobs) {
  Jobs keyed;
  for (AppendJob* job : jobs) {
    if (job->key_id.empty()) continue;
    if (!job->look_first) {
      keyed.push_back(job);
      continue;
    }
    auto there = journal_->records_there(*job);
    if (!there) {
      fail(*job, there.error());
    } else if (*there) {
      job->records.clear();
      job->letters.clear();
    } else {
      keyed.push_back(job);
    }
  }
  if (keyed.empty()) return;
  if (auto begun = journal_->begin(keyed); !begun) {
    for (AppendJob* job : keyed) fail(*job, begun.error());
  }
}

void Appender::write_letters(const Jobs& jobs) {
  for (AppendJob* job : jobs) {
    job->letters_end = still_open(*job) && !job->letters.empty() ? LettersEnd::kDurable : LettersEnd::kNone;
  }
  write_all(jobs, &AppendJob::queue, &AppendJob::letters);
  for (AppendJob* job : jobs) {
    if (job->letters_end == LettersEnd::kDurable && !still_open(*job)) job->letters_end = LettersEnd::kFailed;
  }
}

void Appender::write_all(const Jobs& jobs, StreamId AppendJob::*to, Records what) {
  std::size_t used = 0;
  for (AppendJob* job : jobs) {
    if (!still_open(*job) || (job->*what).empty()) continue;
    const auto end = groups_.begin() + static_cast<std::ptrdiff_t>(used);
    auto group = std::find_if(groups_.begin(), end, [&](const Group& one) { return one.to == job->*to; });
    if (group == end) {
      if (used == groups_.size()) groups_.emplace_back();
      group = groups_.begin() + static_cast<std::ptrdiff_t>(used++);
      group->to = job->*to;
      group->jobs.clear();
    }
    group->jobs.push_back(job);
  }
  for (std::size_t i = 0; i < used; ++i) write_group(groups_[i], what);
}

void Appender::write_group(const Group& group, Records what) {
  if (group.jobs.size() == 1) return write_one(*group.jobs.front(), group.to, what);
  gathered_.clear();
  for (const AppendJob* job : group.jobs) {
    gathered_.insert(gathered_.end(), (job->*what).begin(), (job->*what).end());
  }
  const auto appended = transport_.append(group.to, gathered_);
  if (appended) return;
  // One request's record that can never be written must not take the others' with it.
  for (AppendJob* job : group.jobs) {
    if (permanent(appended.error())) {
      write_one(*job, group.to, what);
    } else {
      fail(*job, appended.error());
    }
  }
}

void Appender::write_one(AppendJob& job, StreamId to, Records what) {
  if (const auto appended = transport_.append(to, job.*what); !appended) fail(job, appended.error());
}

void Appender::fail(AppendJob& job, const Error& error) {
  job.end = permanent(error) ? AppendEnd::kRefused : AppendEnd::kUnavailable;
  job.error = error;
}

void Appender::note(const Jobs& jobs) {
  const Error* error = nullptr;
  for (const AppendJob* job : jobs) {
    if (job->end == AppendEnd::kUnavailable) error = &job->error;
  }
  if (error != nullptr) log_limited(LogLevel::kError, "ingest", "append", "records cannot be written: " + error->text);
  const std::lock_guard lock(mutex_);
  trouble_ = error == nullptr ? std::string() : "ingest: records cannot be written: " + error->text;
  trouble_at_ = clock_.steady();
}

}  // namespace eddy::host
