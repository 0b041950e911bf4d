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
#include "function/policy/policies.h"
#include "function/processor.h"
#include "function/slot.h"
#include "function/suspects.h"
#include "function/unit_of_work.h"
#include "guard/journal.h"
#include "stream/transport.h"

namespace eddy::host {

// What workers use of the host; outlives them.
struct WorkerContext {
  Transport& transport;
  Journal& journal;
  const Clock& clock;
  // [worker thread] An image has been poisoned, by a record or in its set-up: publish a fresh one, or none.
  std::function<void(const Binding& poisoned, bool in_setup)> on_fault;
  Zygote* zygote = nullptr;  // null: no function runs in a worker process
  // [worker thread] It has finished: it has left its group, and can be joined without a wait for a plugin.
  std::function<void()> on_end{};
};

// What tells one worker from others.
struct WorkerSpec {
  std::string function;
  SessionSpec session;
  Intake intake = Intake::kSource;
};

class Worker {
 public:
  Worker(const WorkerContext& context, const Slot& slot, FunctionPolicies& policies, WorkerSpec spec,
         std::shared_ptr<WorkerCounters> counters);
  ~Worker();  // the slot must have been stopped; joins

  // Ends a wait for records: the slot has changed or stops. [any thread]
  void wake();
  // Why it does not process records, for /readyz; empty when it does. [any thread]
  std::string trouble() const;
  bool finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  void loop();
  void serve(ThreadGuard& guard);
  bool open_session();
  void rebind(Processor& processor, UnitOfWork& unit);
  void leave_binding(Processor& processor);
  void report_fault(bool in_setup);
  void wait_for_binding(UnitOfWork& unit);
  void run_unit(UnitOfWork& unit);
  bool commit(UnitOfWork& unit);
  void give_up(UnitOfWork& unit);
  void give_up(UnitOfWork& unit, const Error& why);
  void set_trouble(std::string text);
  std::chrono::milliseconds next_pause();
  void back_off();

  const WorkerContext& context_;
  const Slot& slot_;
  FunctionPolicies& policies_;
  const WorkerSpec spec_;
  const std::string name_;  // in the log and in the journal
  std::shared_ptr<WorkerCounters> counters_;
  UnitCounts counts_;

  std::unique_ptr<Session> session_;
  JournalCell* cell_ = nullptr;
  BindingPtr binding_;
  std::uint64_t seen_version_ = 0;
  bool runnable_ = false;               // bound, and its image is not poisoned
  bool paused_ = false;                 // the trouble shown is that of a policy
  std::chrono::milliseconds pause_{0};  // of the next back-off

  mutable std::mutex mutex_;  // session_ for wake(), trouble_
  std::string trouble_;
  std::atomic<bool> finished_{false};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
