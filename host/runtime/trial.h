// SPDX-License-Identifier: Apache-2.0
// A new build, tried over what its predecessor has processed: outputs are let go, nothing is written.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "plugin/image.h"
#include "plugin/topology.h"
#include "runtime/canary_judge.h"
#include "sandbox/zygote.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

struct TrialSpec {
  std::string plugin;
  ImagePtr candidate;
  ImagePtr stable;           // a copy of its own: a fault in it hurts nothing that runs
  Settings settings;         // as of now
  Topology topology;         // what runs
  Zygote* zygote = nullptr;  // makes the processes that both are called in; null: they are called in the trial's thread
};

struct TrialReport {
  CanaryFigures figures;
  std::uint64_t letters = 0;  // open dead letters that were tried
  std::uint64_t passed = 0;   // of these: they would pass now
};

// Works on a thread of its own from its construction on.
class Trial {
 public:
  // `transport` outlives it. `on_end`: report() is there. [its thread]
  Trial(TrialSpec spec, Transport& transport, std::function<void()> on_end);
  ~Trial();  // as cancel(), and waits for the call that runs

  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  const TrialSpec& spec() const { return spec_; }
  // Once it has ended.
  const TrialReport& report() const { return report_; }

 private:
  void run();

  const TrialSpec spec_;
  Transport& transport_;
  const std::function<void()> on_end_;
  TrialReport report_;
  std::atomic<bool> cancelled_{false}, ended_{false};
  std::thread thread_;  // last: it uses all of the above
};

// True when both builds have the function over the same input, so that they can be held against each other.
bool comparable(const FunctionDecl& fresh, const FunctionDecl* stable);
// True when both may run beside each other for a while, too: neither has a state that can only go on in one of them.
bool can_run_beside(const FunctionDecl& fresh, const FunctionDecl* stable);

}  // namespace eddy::host
