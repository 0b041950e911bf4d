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
#include "runtime/plugin_history.h"
#include "runtime/quarantine.h"
#include "settings/settings.h"

namespace eddy::host {

struct PluginFault {
  std::string plugin, what;  // "function score", "an ingest API"
  std::uint64_t generation = 0;
  OnFault policy = OnFault::kIsolate;
  bool in_setup = false;
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
  std::deque<PluginEvent> history;
};

// Tells what happens to the log, the metrics and the plugin's history. All calls on the control thread; those that
// return true have changed what runs.
class PluginLife {
 public:
  // All of them outlive it.
  PluginLife(Registry& registry, Metrics& metrics, const Clock& clock)
      : registry_(registry), metrics_(metrics), clock_(clock) {}

  // What the watcher has listed.
  bool scan(const std::vector<FileStamp>& stamps, const Settings& settings);
  // Goes on with a fresh copy, or takes the plugin out.
  bool fault(const PluginFault& fault, const Settings& settings);
  // Lets those come back whose time is over.
  bool release_due(const Settings& settings);
  std::optional<std::chrono::steady_clock::time_point> next_release() const;
  // By hand. kBadData when there is no such plugin, kConflict when it is not in quarantine.
  Result<void> release(const std::string& plugin);

  // Some plugin that is out is going to make progress again by itself.
  bool awaited() const;
  // Every plugin file, in the order of their names.
  std::vector<PluginRecord> records() const;

 private:
  void tell(const PluginStatus& status, const Settings& settings);
  void note(const std::string& plugin, const std::string& result, const PluginIdentity& identity, std::string reason);
  void take_out(const std::string& plugin);
  Result<void> bring_back(const std::string& plugin);
  PluginIdentity identity_of(const std::string& plugin) const;
  Quarantine& quarantine_of(const std::string& plugin) {
    return quarantines_.try_emplace(plugin, clock_).first->second;
  }

  Registry& registry_;
  Metrics& metrics_;
  const Clock& clock_;
  std::map<std::string, Quarantine> quarantines_;   // by plugin, since its file changed
  std::map<std::string, PluginHistory> histories_;  // by plugin; by file when it has no name
};

// A plugin's name, or its file's while the name cannot be known.
const std::string& name_of(const PluginStatus& status);
// "plugin p: quarantined since … until …: reason", of one that is held.
std::string trouble_of(const PluginRecord& plugin);
// "running", "refused", "quarantined", "removed".
std::string_view state_name(PluginStatus::State state);

}  // namespace eddy::host
