// SPDX-License-Identifier: Apache-2.0
#include "runtime/plugin_life.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "runtime/trust.h"

namespace eddy::host {

const std::string& name_of(const PluginStatus& status) {
  return status.identity.name.empty() ? status.file : status.identity.name;
}

std::string trouble_of(const PluginRecord& plugin) {
  const PluginRecord::Held& held = *plugin.held;
  return "plugin " + name_of(plugin.status) + ": quarantined since " + to_rfc3339(held.since_us) +
         (held.until_us ? " until " + to_rfc3339(*held.until_us) : ", until it is released or replaced") + ": " +
         plugin.status.reason;
}

std::string_view state_name(PluginStatus::State state) {
  switch (state) {
    case PluginStatus::State::kRunning:
      return "running";
    case PluginStatus::State::kRefused:
      return "refused";
    case PluginStatus::State::kQuarantined:
      return "quarantined";
    case PluginStatus::State::kRemoved:
      return "removed";
  }
  return "unknown";
}

bool PluginLife::scan(const std::vector<FileStamp>& stamps, const Settings& settings) {
  registry_.hold_changes(settings.reload == ReloadPolicy::kCanary);
  return publish(registry_.scan(stamps), settings);
}

bool PluginLife::publish(const Registry::Change& change, const Settings& settings) {
  for (const PluginStatus& event : change.events) tell(event, settings);
  for (const Registry::Waiting& waiting : change.waiting) try_out(waiting, settings);
  return change.topology_changed;
}

void PluginLife::tell(const PluginStatus& status, const Settings& settings) {
  const std::string& name = name_of(status);
  switch (status.state) {
    case PluginStatus::State::kRunning:
      quarantines_.erase(name);
      canaries_.forget(name);
      log(LogLevel::kInfo, name,
          "loaded version " + status.identity.version + " from " + status.file +
              signed_by(status.identity.signer, settings));
      return note(name, "loaded", status.identity, "");
    case PluginStatus::State::kRefused:
      log(LogLevel::kError, name, "refused: " + status.reason);
      return note(name, "refused", status.identity, status.reason);
    case PluginStatus::State::kQuarantined:
      return log(LogLevel::kError, name, "quarantined: " + status.reason);
    case PluginStatus::State::kRemoved:
      forget_removed(status);
      return note(name, "removed", status.identity, "");
  }
}

// A refused file may have the name of a plugin that runs from another one, whose life goes on.
void PluginLife::forget_removed(const PluginStatus& status) {
  const std::string& name = name_of(status);
  const bool ran = status.generation != 0;
  log(LogLevel::kInfo, name,
      "removed: " + status.file + " is gone" +
          (ran ? "; its functions stop, their offsets stay" : "; nothing was running from it"));
  if (!ran && !identity_of(name).name.empty()) return;
  quarantines_.erase(name);
  canaries_.forget(name);
}

void PluginLife::note(const std::string& plugin, const std::string& result, const PluginIdentity& identity,
                      std::string reason) {
  metrics_.plugin_load(plugin, result);
  histories_[plugin].add(clock_.now_us(), result, identity, std::move(reason));
}

bool PluginLife::fault(const PluginFault& fault, const Settings& settings) {
  if (fault_on_canary(fault)) return true;
  const auto images = registry_.images();
  if (std::ranges::find(images, fault.generation, &Image::generation) == images.end()) {
    return false;  // replaced since, by another worker's report or by a new file
  }
  Quarantine& quarantine = quarantine_of(fault.plugin);
  if (quarantine.held()) return false;
  const std::string what = fault.what + " faulted";
  const bool too_many = quarantine.fault(settings.quarantine, what, fault.in_setup);
  if (fault.policy == OnFault::kQuarantine) {
    quarantine.hold_for_good(what + " and on_fault is quarantine");
  } else if (!too_many) {
    const auto fresh = reload(fault.plugin);
    if (fresh && fault.policy == OnFault::kIsolate && fault.movable) {
      isolate(fault, (*fresh)->identity);
      return true;
    }
    if (fresh) {
      log_limited(LogLevel::kWarn, fault.plugin, "fault copy", what + "; going on with a fresh copy of the plugin");
      note(fault.plugin, "fault_copy", (*fresh)->identity, what);
      return true;
    }
    quarantine.hold(settings.quarantine, "no fresh copy after a fault: " + fresh.error().text);
  }
  take_out(fault.plugin);
  static_cast<void>(publish(registry_.let_in_for_quarantined(fault.plugin), settings));
  return true;
}

Result<ImagePtr> PluginLife::reload(const std::string& plugin) {
  EDDY_ASSIGN(const ImagePtr fresh, registry_.reload(plugin));
  if (canaries_.live(plugin)) canaries_.replace_fresh(plugin, fresh);
  return fresh;
}

void PluginLife::isolate(const PluginFault& fault, const PluginIdentity& build) {
  const std::string why = fault.what + " faulted";
  log(LogLevel::kWarn, fault.plugin,
      why + "; its functions go on in worker processes until its file is replaced (on_fault: isolate)");
  note(fault.plugin, "isolated", build, why);
  if (const auto kept = isolated_.add(build.sha256); !kept) {
    log(LogLevel::kWarn, fault.plugin, "after a restart of the host it begins in its threads: " + kept.error().text);
  }
}

void PluginLife::fault_before_restart(const PluginFault& fault) {
  if (fault.policy == OnFault::kIsolate && fault.movable) isolate(fault, identity_of(fault.plugin));
}

void PluginLife::take_out(const std::string& plugin) {
  const Quarantine& quarantine = quarantine_of(plugin);
  canaries_.end_live(plugin);
  registry_.promote(plugin);
  registry_.quarantine(plugin, quarantine.why());
  const auto until = quarantine.until_us();
  log(LogLevel::kError, plugin,
      "quarantined: " + quarantine.why() +
          (until ? "; it comes back at " + to_rfc3339(*until) + ", or when its file is replaced"
                 : "; replace its file or see `eddy plugin release` to bring it back"));
  note(plugin, "quarantined", identity_of(plugin), quarantine.why());
}

bool PluginLife::release_due(const Settings& settings) {
  bool changed = false;
  for (auto& [plugin, quarantine] : quarantines_) {
    if (!quarantine.due()) continue;
    if (const auto back = bring_back(plugin); back) {
      changed = true;
    } else {
      quarantine.hold(settings.quarantine, "it could not come back: " + back.error().text);
      take_out(plugin);
    }
  }
  return changed;
}

Result<void> PluginLife::bring_back(const std::string& plugin) {
  EDDY_ASSIGN(const ImagePtr fresh, registry_.release(plugin));
  quarantine_of(plugin).release();
  log(LogLevel::kInfo, plugin, "released from quarantine, with a fresh copy");
  note(plugin, "released", fresh->identity, "");
  return {};
}

bool PluginLife::awaited() const {
  const auto comes_back = [](const auto& entry) { return entry.second.makes_progress(); };
  return canaries_.busy() || std::ranges::any_of(quarantines_, comes_back);
}

PluginIdentity PluginLife::identity_of(const std::string& plugin) const {
  for (const PluginStatus& status : registry_.statuses()) {
    if (status.generation != 0 && name_of(status) == plugin) return status.identity;
  }
  return {};
}

std::vector<PluginRecord> PluginLife::records() const {
  std::vector<PluginRecord> records;
  for (PluginStatus& status : registry_.statuses()) {
    PluginRecord& record = records.emplace_back();
    record.status = std::move(status);
    const std::string& name = name_of(record.status);
    if (const auto found = histories_.find(name); found != histories_.end()) record.history = found->second.events();
    record.canary = canaries_.state(name);
    const auto held = quarantines_.find(name);
    if (held == quarantines_.end() || record.status.state != PluginStatus::State::kQuarantined) continue;
    record.held = {held->second.since_us(), held->second.until_us(), held->second.faults()};
  }
  return records;
}

}  // namespace eddy::host
