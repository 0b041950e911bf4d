// SPDX-License-Identifier: Apache-2.0
// Runtime: the end, orderly or to start anew.
#include <set>

#include "base/log.h"
#include "guard/guard.h"
#include "guard/restart.h"
#include "runtime/runtime.h"

namespace eddy::host {

namespace {

constexpr std::chrono::seconds kDrainTime{30};
constexpr std::chrono::milliseconds kTaintedDrainTime{5000};

}  // namespace

Result<void> Runtime::drain() {
  const bool tainted = process_tainted();
  if (tainted) {
    // Instead of the deadline that the fault has set, which may come before this drain is done.
    restart_deadline(kTaintedDrainTime);
    log(LogLevel::kError, "host",
        "a fault outside a plugin's own code has tainted this process: draining, then restarting");
  }
  tell_of_the_end(tainted);
  requests_.close();
  apis_->stop();  // first: what it takes is durable, and worked on after the restart
  request_stop();
  functions_->stop();
  feeds_->stop();
  const auto deadline = clock_.steady() + kDrainTime;
  while (!functions_->finished() || !feeds_->finished()) {
    if (clock_.steady() > deadline) {
      excuse_calls(false);
      return unfinished();
    }
    if (tainted) prepare_restart();
    service_.alive();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (tainted) {
    prepare_restart();
    restart_self();
  }
  functions_->clear();
  feeds_->clear();
  return {};
}

// Again and again while it drains, as the restart may come at any time.
void Runtime::prepare_restart() {
  std::deque<PluginFault> faults;
  {
    const std::lock_guard lock(events_mutex_);
    faults.swap(faults_);
  }
  for (const PluginFault& fault : faults) life_->fault_before_restart(fault);
  excuse_calls(true);
}

// A call that the end of this process cuts short is no death of its record. In a tainted process that holds for the
// calls into images that have not faulted: of those that have, any may be what tainted it.
void Runtime::excuse_calls(bool tainted) {
  std::set<std::string, std::less<>> suspects;
  if (tainted) {
    for (std::string& name : functions_->poisoned()) suspects.insert(std::move(name));
  }
  if (tainted && suspects.empty()) return;  // the fault's worker has not come to say whose it is
  journal_->end_calls([&](std::string_view cell) { return !suspects.contains(cell.substr(0, cell.find(' '))); });
}

// A process that starts itself again is the same service, which does not end.
void Runtime::tell_of_the_end(bool tainted) {
  if (tainted) {
    service_.reloading("a plugin has tainted the process: draining, then starting itself again");
  } else {
    service_.stopping("each function ends its unit of work");
  }
}

Error Runtime::unfinished() const {
  std::string names;
  for (const std::string& name : functions_->unfinished()) {
    names += (names.empty() ? "function " : ", function ") + name;
  }
  for (const auto& [name, feeder] : feeds_->running()) {
    if (!feeder->finished()) names += (names.empty() ? "feed " : ", feed ") + name;
  }
  return {Code::kInternal, names + " did not end within 30 s; the unit of work is not committed and will be repeated"};
}

}  // namespace eddy::host
