// SPDX-License-Identifier: Apache-2.0
// New builds on their way in: tried, then called for some partitions, then for all or for none.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "function/canary.h"
#include "plugin/registry.h"
#include "runtime/canary_judge.h"
#include "runtime/trial.h"

namespace eddy::host {

// What a new build's functions are bound with, by the generation of its image.
struct CanaryPlan {
  ImagePtr stable;
  double share = 0;
  std::shared_ptr<CanaryCounts> counts;
};
using CanaryPlans = std::map<std::uint64_t, CanaryPlan>;

// As others may see one.
struct CanaryState {
  bool live = false;  // false: it is tried
  std::string version, sha256;
  std::int64_t since_us = 0;
  std::uint64_t calls = 0, broken = 0;  // of a live one
};

// At most one of each plugin. All calls on the control thread.
class Canaries {
 public:
  // `transport` and `clock` outlive it. `wake`: some trial has ended. [any thread]
  Canaries(Transport& transport, const Clock& clock, std::function<void()> wake)
      : transport_(transport), clock_(clock), wake_(std::move(wake)) {}

  void try_out(TrialSpec spec);
  // The trials that have ended since the last call.
  std::vector<std::unique_ptr<Trial>> ended_trials();

  // Let in, beside its predecessor. False: no function of theirs can be held against each other, and it is not watched.
  bool begin(const ImagePtr& fresh, const ImagePtr& stable, const CanarySettings& settings);
  // What is to be done now.
  struct Judged {
    std::string plugin;
    CanaryVerdict verdict;
  };
  std::vector<Judged> judge(const CanarySettings& settings) const;
  bool is_stable(const std::string& plugin, std::uint64_t generation) const;
  // Another image of the same bytes takes the place of one that has faulted.
  void replace_stable(const std::string& plugin, const ImagePtr& image) { live_.at(plugin).stable = image; }
  void replace_fresh(const std::string& plugin, const ImagePtr& image) { live_.at(plugin).fresh = image; }
  // What the new build has faulted with, when its predecessor did not; empty: nothing, or it is not that build.
  std::string blame(const std::string& plugin, std::uint64_t generation) const;
  bool live(const std::string& plugin) const { return live_.contains(plugin); }
  // The new build stays, goes back or is out. A next one may be on its trial, which goes on.
  void end_live(const std::string& plugin) { live_.erase(plugin); }
  // Its file has changed or is gone: a trial is over, too.
  void forget(const std::string& plugin);

  CanaryPlans plans() const;
  std::optional<CanaryState> state(const std::string& plugin) const;
  bool busy() const { return !live_.empty() || !trials_.empty(); }
  bool any_live() const { return !live_.empty(); }

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Live {
    ImagePtr fresh, stable;
    double share = 0;
    std::shared_ptr<CanaryCounts> counts;
    Instant since;
    std::int64_t since_us = 0;
  };
  struct Tried {
    std::unique_ptr<Trial> trial;
    std::int64_t since_us = 0;
  };

  void drop_trial(const std::string& plugin);

  Transport& transport_;
  const Clock& clock_;
  const std::function<void()> wake_;
  std::map<std::string, Live> live_;               // by plugin
  std::map<std::string, Tried> trials_;            // likewise
  std::vector<std::unique_ptr<Trial>> cancelled_;  // end by themselves
};

}  // namespace eddy::host
