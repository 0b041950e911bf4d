// SPDX-License-Identifier: Apache-2.0
// PluginLife: what happens to plugins without a file having changed.
#include <algorithm>

#include "base/log.h"
#include "runtime/plugin_life.h"

namespace eddy::host {

namespace {

// How soon a live canary's figures are looked at again.
constexpr std::chrono::milliseconds kLookEvery{100};

std::string build_of(const PluginIdentity& plugin) {
  return "version " + plugin.version + " (" + plugin.sha256.substr(0, 12) + ")";
}

std::string letters_of(const TrialReport& report) {
  if (report.letters == 0) return "";
  return "; " + std::to_string(report.passed) + " of " + std::to_string(report.letters) +
         " open dead letters would pass now";
}

}  // namespace

bool PluginLife::tend(const Settings& settings) {
  bool changed = release_due(settings);
  for (const auto& trial : canaries_.ended_trials()) changed |= let_in(*trial, settings);
  changed |= judge(settings);
  return changed;
}

std::optional<std::chrono::steady_clock::time_point> PluginLife::next_tending() const {
  std::optional<std::chrono::steady_clock::time_point> next;
  if (canaries_.any_live()) next = clock_.steady() + kLookEvery;
  for (const auto& [plugin, quarantine] : quarantines_) {
    const auto until = quarantine.until();
    if (until && (!next || *until < *next)) next = until;
  }
  return next;
}

void PluginLife::try_out(const Registry::Waiting& waiting, const Settings& settings) {
  auto stable = registry_.copy_for_trial(waiting.plugin);
  TrialSpec spec{waiting.plugin, waiting.candidate,    stable ? *stable : waiting.candidate,
                 settings,       registry_.topology(), zygote_};
  log(LogLevel::kInfo, waiting.plugin,
      "found " + build_of(waiting.candidate->identity) + "; trying it over what " + build_of(waiting.stable->identity) +
          " has processed");
  canaries_.try_out(std::move(spec));
}

bool PluginLife::let_in(const Trial& trial, const Settings& settings) {
  const TrialSpec& spec = trial.spec();
  const TrialReport& report = trial.report();
  if (const auto why = judge_trial(settings.canary, report.figures)) {
    const std::string advice = letters_of(report) + "; to load it all the same, set plugins.reload: immediate";
    return publish(registry_.turn_away(spec.plugin, spec.candidate->generation, *why + advice), settings);
  }
  const Registry::Change change = registry_.admit(spec.plugin, spec.candidate->generation);
  if (!publish(change, settings)) return change.topology_changed;
  log(LogLevel::kInfo, spec.plugin,
      "tried over " + std::to_string(report.figures.calls) + " records, " + std::to_string(report.figures.broken) +
          " of them fail that its predecessor does not fail on" + letters_of(report));
  const auto both = registry_.on_canary(spec.plugin);
  if (!both) return true;
  if (!canaries_.begin(both->first, both->second, settings.canary)) {
    registry_.promote(spec.plugin);
    return true;
  }
  note(spec.plugin, "canary", both->first->identity, "");
  return true;
}

bool PluginLife::judge(const Settings& settings) {
  bool changed = false;
  for (const auto& [plugin, verdict] : canaries_.judge(settings.canary)) {
    changed = true;
    if (verdict.kind == CanaryVerdict::Kind::kRollBack) {
      if (const auto done = roll_back(plugin, verdict.why); done) continue;
    }
    registry_.promote(plugin);
    canaries_.end_live(plugin);
    const PluginIdentity identity = identity_of(plugin);
    log(LogLevel::kInfo, plugin, build_of(identity) + " goes on alone: " + verdict.why);
    note(plugin, "promoted", identity, verdict.why);
  }
  return changed;
}

Result<void> PluginLife::roll_back(const std::string& plugin, const std::string& why) {
  const PluginIdentity leaving = identity_of(plugin);
  const auto back = registry_.roll_back(plugin, build_of(leaving) + " was rolled back: " + why);
  if (!back) {
    log(LogLevel::kError, plugin, build_of(leaving) + " cannot be rolled back: " + back.error().text);
    return back.error();
  }
  canaries_.end_live(plugin);
  quarantines_.erase(plugin);
  log(LogLevel::kError, plugin,
      "rolled back from " + build_of(leaving) + " to " + build_of((*back)->identity) + ": " + why);
  note(plugin, "rolled_back", leaving, why);
  return {};
}

// The new build's own fault ends its canary; of one that both builds have, each goes on with a fresh copy.
bool PluginLife::fault_on_canary(const PluginFault& fault) {
  if (const std::string blame = canaries_.blame(fault.plugin, fault.generation); !blame.empty()) {
    return roll_back(fault.plugin, blame).ok();
  }
  if (!canaries_.is_stable(fault.plugin, fault.generation)) return false;
  const auto fresh = registry_.reload_previous(fault.plugin);
  if (fresh) {
    canaries_.replace_stable(fault.plugin, *fresh);
    note(fault.plugin, "fault_copy", (*fresh)->identity, fault.what + " faulted");
  } else {
    log(LogLevel::kError, fault.plugin, "no fresh copy after a fault: " + fresh.error().text);
    registry_.promote(fault.plugin);
    canaries_.end_live(fault.plugin);
  }
  return true;
}

Result<void> PluginLife::release(const std::string& plugin) {
  const auto found = quarantines_.find(plugin);
  if (found != quarantines_.end() && found->second.held()) return bring_back(plugin);
  if (registry_.forget_rolled_back(plugin)) {
    log(LogLevel::kInfo, plugin, "the build that was rolled back is tried again");
    return {};
  }
  for (const PluginStatus& status : registry_.statuses()) {
    if (name_of(status) == plugin) return Error{Code::kConflict, "plugin " + plugin + " is not in quarantine"};
  }
  return Error{Code::kBadData, "there is no plugin " + plugin};
}

Result<void> PluginLife::roll_back(const std::string& plugin) { return roll_back(plugin, "by hand"); }

}  // namespace eddy::host
