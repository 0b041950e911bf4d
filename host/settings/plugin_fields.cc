// SPDX-License-Identifier: Apache-2.0
// The keys of `plugins`.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

constexpr double kDayMs = 86'400'000;

void add_trust(std::vector<Field>& all) {
  all.push_back(
      stored<&Settings::plugin_dir>(text("plugins.dir", "./plugins.d", "Folder that is watched for plugins, `*.so`.")));
  all.push_back(stored<&Settings::require_signature>(
      flag("plugins.require_signature", false, "Load only plugins with a signature of a trusted key.")));
  all.push_back(stored<&Settings::trusted_keys>(
      texts("plugins.trusted_keys", {},
            "Public keys whose signatures are accepted: the line of a `.pub` file, or the path of one. With a key here "
            "a signature that is there must be good, required or not.")));
}

template <auto Member>
Field quarantine(Field field) {
  return stored<&Settings::quarantine, Member>(std::move(field));
}

void add_quarantine(std::vector<Field>& all) {
  using Q = QuarantineSettings;
  all.push_back(quarantine<&Q::max_faults>(
      integer("plugins.quarantine.max_faults", 100, 0, 100'000, "",
              "Faults (signals, exits, time-outs) within `window_ms` that a plugin goes on after, each time with a "
              "fresh copy; with one more it is quarantined; 0: never for their number.")));
  all.push_back(quarantine<&Q::max_setup_faults>(
      integer("plugins.quarantine.max_setup_faults", 3, 1, 1000, "",
              "Faults in a row in the set-up of functions at which a plugin is quarantined: they make no progress at "
              "all.")));
  all.push_back(quarantine<&Q::window_ms>(
      integer("plugins.quarantine.window_ms", 60'000, 1, kDayMs, "ms", "The time over which faults are counted.")));
  all.push_back(quarantine<&Q::initial_ms>(
      integer("plugins.quarantine.initial_ms", 1000, 1, kDayMs, "ms",
              "How long the first quarantine lasts; then the plugin goes on with a fresh copy.")));
  all.push_back(quarantine<&Q::max_ms>(
      integer("plugins.quarantine.max_ms", 60'000, 1, kDayMs, "ms",
              "The longest quarantine: each lasts twice as long as the one before while the plugin faults again "
              "within `healthy_ms` of its release.")));
  all.push_back(quarantine<&Q::healthy_ms>(
      integer("plugins.quarantine.healthy_ms", 30'000, 1, kDayMs, "ms",
              "After this time without a fault a released plugin starts anew: with `max_faults`, and with "
              "`initial_ms`.")));
}

}  // namespace

void add_plugins(std::vector<Field>& all) {
  add_trust(all);
  add_quarantine(all);
}

}  // namespace eddy::host
