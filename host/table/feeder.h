// SPDX-License-Identifier: Apache-2.0
// The thread of a feed: opens what it needs, runs units, and waits with back-off while the database or the streams are
// away. It keeps its partitions meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "metrics/counters.h"
#include "stream/transport.h"
#include "table/feed_spec.h"

namespace eddy::host {

class Feed;

class Feeder {
 public:
  // `transport` and `clock` outlive it.
  Feeder(Transport& transport, const Clock& clock, FeedSpec spec, std::shared_ptr<WorkerCounters> counters);
  ~Feeder();  // stops and joins: the running unit is committed or comes again

  void stop();  // [any thread]
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  // Why no row is written, for /readyz; empty when rows are. [any thread]
  std::string trouble() const;
  const FeedSpec& spec() const { return spec_; }

 private:
  void loop();
  void serve(Feed& feed, TableSink& sink);
  bool prepare(TableSink& sink);
  bool open_session();
  bool commit(Feed& feed);
  void give_up(Feed& feed, const Error& why);
  // Waits as long as the back-off says, and keeps the session in its group.
  void back_off();
  bool stopping() const;
  void set_trouble(std::string text);

  Transport& transport_;
  const Clock& clock_;
  const FeedSpec spec_;
  const std::string name_;
  const std::shared_ptr<WorkerCounters> counters_;

  std::unique_ptr<Session> session_;
  std::chrono::milliseconds pause_{0};  // of the next back-off

  mutable std::mutex mutex_;  // session_ for its wake(), trouble_, stop_
  std::condition_variable stopped_;
  std::string trouble_;
  bool stop_ = false;
  std::atomic<bool> finished_{false};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
