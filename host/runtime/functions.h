// SPDX-License-Identifier: Apache-2.0
// The functions that run: started, given new code, ended.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "function/runner.h"
#include "metrics/metrics.h"
#include "runtime/bindings.h"

namespace eddy::host {

// All calls on the control thread.
class Functions {
 public:
  // `context` and `metrics` outlive it.
  Functions(const WorkerContext& context, Metrics& metrics) : context_(context), metrics_(metrics) {}

  // Starts, changes and ends runners until they are what is bound; what is unbound goes on as it was.
  void apply(Bindings bindings);

  const std::map<std::string, std::unique_ptr<Runner>>& running() const { return runners_; }
  void stop();
  bool finished() const;
  void clear() { runners_.clear(); }

 private:
  void end_others(const Bindings& bindings);

  const WorkerContext& context_;
  Metrics& metrics_;
  std::map<std::string, std::unique_ptr<Runner>> runners_;
  std::map<std::string, BindingPtr> bindings_;  // what each runner was given last
};

}  // namespace eddy::host
