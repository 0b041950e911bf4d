// SPDX-License-Identifier: Apache-2.0
// Makes requests durable: one thread that writes for all that wait.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "ingest/append_job.h"
#include "ingest/idempotency_journal.h"

namespace eddy::host {

// While one round is being written, the next requests gather; a round is one append for each stream that it touches.
//
// The order of a round: intents of requests with an Idempotency-Key, then dead letters, then records. So a request
// whose records are in the stream has its letters in the queue. When the records then fail, the letters stay: the
// client, who was told 503, sends again, and the letters are written once more under the same ids.
class Appender {
 public:
  using Jobs = std::vector<AppendJob*>;
  // Called with the jobs of a round that have ended. [appender's thread]
  using Completed = std::function<void(Jobs)>;

  // `journal` may be null: then no job has a key.
  Appender(Transport& transport, const Clock& clock, IdempotencyJournal* journal, std::size_t max_waiting_bytes,
           Completed completed);
  ~Appender();  // writes what waits, then ends

  // The job's until it is completed. False: more waits than is allowed; nothing has happened. [any thread]
  bool submit(AppendJob& job);

  // Why writes fail at present; empty: they do not, or none was tried for a while. [any thread]
  std::string trouble() const;

 private:
  using Records = std::vector<OutRecord> AppendJob::*;
  struct Group {
    StreamId to{};
    Jobs jobs;
  };

  void run();
  void write(const Jobs& jobs);
  void begin_keyed(const Jobs& jobs);
  void write_letters(const Jobs& jobs);
  void write_all(const Jobs& jobs, StreamId AppendJob::*to, Records what);
  void write_group(const Group& group, Records what);
  void write_one(AppendJob& job, StreamId to, Records what);
  void fail(AppendJob& job, const Error& error);
  void note(const Jobs& jobs);

  Transport& transport_;
  const Clock& clock_;
  IdempotencyJournal* const journal_;
  const std::size_t max_waiting_bytes_;
  const Completed completed_;

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  Jobs waiting_;                   // under the mutex, as all down to trouble_at_
  std::size_t waiting_bytes_ = 0;  // of those in the round that runs, too
  bool stopping_ = false;
  std::string trouble_;
  std::chrono::steady_clock::time_point trouble_at_;

  std::vector<Group> groups_;  // the thread's own, as what follows
  std::vector<OutRecord> gathered_;
  std::thread thread_;
};

}  // namespace eddy::host
