// SPDX-License-Identifier: Apache-2.0
// Runtime: the end, orderly or to start anew.
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
    log(LogLevel::kError, "host",
        "a fault outside a plugin's own code has tainted this process: draining, then restarting");
    restart_deadline(kTaintedDrainTime);  // the fault may have left a lock held that draining needs
  }
  tell_of_the_end(tainted);
  requests_.close();
  apis_->stop();  // first: what it takes is durable, and worked on after the restart
  request_stop();
  functions_->stop();
  feeds_->stop();
  const auto deadline = clock_.steady() + kDrainTime;
  while (!functions_->finished() || !feeds_->finished()) {
    if (clock_.steady() > deadline) return unfinished();
    service_.alive();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (tainted) {
    for (const PluginFault& fault : faults_)
      life_->fault_before_restart(fault);  // workers, the only writers, have ended
    restart_self();
  }
  functions_->clear();
  feeds_->clear();
  return {};
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
  for (const auto& [name, runner] : functions_->running()) {
    if (!runner->finished()) names += (names.empty() ? "function " : ", function ") + name;
  }
  for (const auto& [name, feeder] : feeds_->running()) {
    if (!feeder->finished()) names += (names.empty() ? "feed " : ", feed ") + name;
  }
  return {Code::kInternal, names + " did not end within 30 s; the unit of work is not committed and will be repeated"};
}

}  // namespace eddy::host
