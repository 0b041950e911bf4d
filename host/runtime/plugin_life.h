// SPDX-License-Identifier: Apache-2.0
// What becomes of plugins while the host runs: they come, change, fault, are taken out and come back.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "metrics/metrics.h"
#include "plugin/registry.h"
#include "runtime/canaries.h"
#include "runtime/isolated_plugins.h"
#include "runtime/plugin_history.h"
#include "runtime/quarantine.h"
#include "settings/settings.h"

namespace eddy::host {

struct PluginFault {
  std::string plugin, what;  // "function score", "an ingest API"
  std::uint64_t generation = 0;
  OnFault policy = OnFault::kIsolate;
  bool in_setup = false;
  bool movable = false;  // it may go on in a worker process
};

// A plugin as other threads may see it.
struct PluginRecord {
  PluginStatus status;
  struct Held {
    std::int64_t since_us = 0;
    std::optional<std::int64_t> until_us;  // none: until it is released by hand, or its file changes
    std::size_t faults = 0;
  };
  std::optional<Held> held;
  std::optional<CanaryState> canary;
  std::deque<PluginEvent> history;
};

// Tells what happens to the log, the metrics and the plugin's history. All calls on the control thread; those that
// return true have changed what runs.
class PluginLife {
 public:
  // All of them outlive it.
  // `zygote`: makes the processes of trials. `wake`: there is something to tend. [any thread]
  PluginLife(Registry& registry, Transport& transport, Metrics& metrics, const Clock& clock,
             const std::string& state_dir, Zygote* zygote, std::function<void()> wake)
      : registry_(registry),
        metrics_(metrics),
        clock_(clock),
        zygote_(zygote),
        isolated_(state_dir + "/isolated"),
        canaries_(transport, clock, std::move(wake)) {}

  // What the watcher has listed.
  bool scan(const std::vector<FileStamp>& stamps, const Settings& settings);
  // Goes on with a fresh copy, or takes the plugin out.
  bool fault(const PluginFault& fault, const Settings& settings);
  // Lets those come back whose quarantine is over, and judges new builds.
  bool tend(const Settings& settings);
  // When to do that at the latest.
  std::optional<std::chrono::steady_clock::time_point> next_tending() const;
  // By hand: back from quarantine, or once more the build that was rolled back, at the next scan. kBadData when there
  // is no such plugin, kConflict when there is nothing of it to release.
  Result<void> release(const std::string& plugin);
  // By hand: back to the version before. kBadData, kConflict likewise.
  Result<void> roll_back(const std::string& plugin);

  // A fresh copy of what runs; a build on canary stays beside its predecessor, wherever it goes on.
  Result<ImagePtr> reload(const std::string& plugin);

  // Builds that have faulted in the host's threads and run in worker processes since.
  const IsolatedPlugins& isolated() const { return isolated_; }
  // The host is about to restart after this fault: it is remembered where its plugin is to go on.
  void fault_before_restart(const PluginFault& fault);

  // Some plugin that is out is going to make progress again by itself, or a new build is being judged.
  bool awaited() const;
  CanaryPlans canary_plans() const { return canaries_.plans(); }
  // Every plugin file, in the order of their names.
  std::vector<PluginRecord> records() const;

 private:
  bool publish(const Registry::Change& change, const Settings& settings);
  void try_out(const Registry::Waiting& waiting, const Settings& settings);
  bool release_due(const Settings& settings);
  bool let_in(const Trial& trial, const Settings& settings);
  bool judge(const Settings& settings);
  Result<void> roll_back(const std::string& plugin, const std::string& why);
  bool fault_on_canary(const PluginFault& fault);
  void tell(const PluginStatus& status, const Settings& settings);
  void note(const std::string& plugin, const std::string& result, const PluginIdentity& identity, std::string reason);
  void take_out(const std::string& plugin);
  void isolate(const PluginFault& fault, const PluginIdentity& build);
  Result<void> bring_back(const std::string& plugin);
  void forget_removed(const PluginStatus& status);
  PluginIdentity identity_of(const std::string& plugin) const;  // of what is loaded; empty: nothing is
  Quarantine& quarantine_of(const std::string& plugin) {
    return quarantines_.try_emplace(plugin, clock_).first->second;
  }

  Registry& registry_;
  Metrics& metrics_;
  const Clock& clock_;
  Zygote* const zygote_;
  IsolatedPlugins isolated_;
  std::map<std::string, Quarantine> quarantines_;   // by plugin, since its file changed
  std::map<std::string, PluginHistory> histories_;  // by plugin; by file when it has no name
  Canaries canaries_;
};

// A plugin's name, or its file's while the name cannot be known.
const std::string& name_of(const PluginStatus& status);
// "plugin p: quarantined since … until …: reason", of one that is held.
std::string trouble_of(const PluginRecord& plugin);
// "running", "refused", "quarantined", "removed".
std::string_view state_name(PluginStatus::State state);

}  // namespace eddy::host
