// SPDX-License-Identifier: Apache-2.0
// The functions that run: started, given new code, ended.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "function/runner.h"
#include "metrics/metrics.h"
#include "runtime/bindings.h"

namespace eddy::host {

// All calls on the control thread, and none waits for a plugin: a runner that is to end is kept until its last call has
// ended, and a function that runs anew in another shape, or comes back, begins only then. So no record is in the hands
// of two versions, and the old one has left its group before the new one joins.
class Functions {
 public:
  // `context` and `metrics` outlive it.
  Functions(const WorkerContext& context, Metrics& metrics) : context_(context), metrics_(metrics) {}

  // Starts, changes and ends runners until they are what is bound; what is unbound goes on as it was.
  void apply(Bindings bindings);
  // Lets go of runners that have ended, and begins what has waited for them. context.on_end tells when that is due.
  void tend();

  const std::map<std::string, std::unique_ptr<Runner>>& running() const { return runners_; }
  // Whether all that is bound runs.
  bool settled() const { return waiting_.empty(); }
  // Of functions that cannot begin for a call that has not ended for a while: by function, why.
  std::map<std::string, std::string> troubles() const;

  void stop();
  bool finished() const;
  std::vector<std::string> unfinished() const;
  std::vector<std::string> poisoned() const;  // whose image has faulted
  void clear();                               // waits

 private:
  struct Leaving {
    std::unique_ptr<Runner> runner;
    std::chrono::steady_clock::time_point since;
  };

  void end_others(const Bindings& bindings);
  void start(const std::string& name, BoundFunction function);
  bool leaves(const std::string& name) const;
  bool late(const Leaving& leaving) const;

  const WorkerContext& context_;
  Metrics& metrics_;
  std::map<std::string, std::unique_ptr<Runner>> runners_;
  std::map<std::string, BindingPtr> bindings_;    // what each runner was given last
  std::vector<Leaving> leaving_;                  // asked to end
  std::map<std::string, BoundFunction> waiting_;  // for one of the same name that leaves
};

}  // namespace eddy::host
