// SPDX-License-Identifier: Apache-2.0
// One thread, one loop: poll a batch, run it, commit. It shares nothing with other workers but its function's slot.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "function/processor.h"
#include "function/slot.h"
#include "guard/journal.h"
#include "stream/transport.h"

namespace eddy::host {

// What workers use of the host; outlives them.
struct WorkerContext {
  Transport& transport;
  Journal& journal;
  const Clock& clock;
  // [worker thread] An image has been poisoned, by a record whose letter is durable, or in its set-up: publish a fresh
  // one, or none.
  std::function<void(const Binding& poisoned, bool in_setup)> on_fault;
};

class Worker {
 public:
  Worker(const WorkerContext& context, const Slot& slot, SessionSpec spec, std::string function,
         std::shared_ptr<WorkerCounters> counters);
  ~Worker();  // the slot must have been stopped; joins

  // Ends a wait for records: the slot has changed or stops. [any thread]
  void wake();
  // Why it does not process records, for /readyz; empty when it does. [any thread]
  std::string trouble() const;
  bool finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  void loop();
  bool open_session();
  void rebind(Processor& processor);
  void wait_for_binding();
  void unit(Processor& processor);
  std::size_t run_batch(Processor& processor, std::span<const Record> batch);
  bool commit();
  void give_up_unit(const Error& why);
  std::uint32_t deaths(const Record& record);
  void set_trouble(std::string text);
  std::chrono::milliseconds next_pause();
  void back_off();

  const WorkerContext& context_;
  const Slot& slot_;
  const SessionSpec spec_;
  const std::string function_;
  std::shared_ptr<WorkerCounters> counters_;
  UnitCounts counts_;

  std::unique_ptr<Session> session_;
  JournalCell* cell_ = nullptr;
  std::vector<Suspect> suspects_;        // records that were in a call when a process died
  std::vector<Suspect> ended_suspects_;  // of this unit
  BindingPtr binding_;
  std::uint64_t seen_version_ = 0;
  bool runnable_ = false;  // bound, and its image is not poisoned
  std::size_t batch_limit_ = 0;
  std::chrono::milliseconds pause_{0};  // of the next back-off

  mutable std::mutex mutex_;  // session_ for wake(), trouble_
  std::string trouble_;
  std::atomic<bool> finished_{false};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
