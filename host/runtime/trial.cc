// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial.h"

#include <pthread.h>

#include "guard/guard.h"
#include "runtime/function_trial.h"

namespace eddy::host {

bool comparable(const FunctionDecl& fresh, const FunctionDecl* stable) {
  return stable != nullptr && fresh.source == stable->source && fresh.kind == stable->kind &&
         fresh.input == stable->input;
}

bool can_run_beside(const FunctionDecl& fresh, const FunctionDecl* stable) {
  return comparable(fresh, stable) && fresh.state.save == nullptr && stable->state.save == nullptr;
}

Trial::Trial(TrialSpec spec, Transport& transport, std::function<void()> on_end)
    : spec_(std::move(spec)), transport_(transport), on_end_(std::move(on_end)), thread_([this] { run(); }) {}

Trial::~Trial() {
  cancel();
  thread_.join();
}

void Trial::run() {
  pthread_setname_np(pthread_self(), "eddy-trial");
  const auto guard = ThreadGuard::enter();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(spec_.settings.canary.budget_ms);
  const std::function<bool()> go_on = [&] {
    return !cancelled_.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() < deadline;
  };
  if (!guard) report_.figures.fatal = guard.error().text;
  for (const FunctionDecl& decl : spec_.candidate->manifest.functions) {
    // What a consumer does is outside of the host, and would be done again.
    if (decl.kind == EDDY_FUNCTION_CONSUMER || !comparable(decl, spec_.stable->function(decl.name))) continue;
    if (!go_on() || !report_.figures.fatal.empty() || spec_.candidate->poisoned || spec_.stable->poisoned) break;
    FunctionTrial(spec_, decl, transport_, **guard, go_on, report_).run();
  }
  ended_.store(true, std::memory_order_release);
  on_end_();
}

}  // namespace eddy::host
