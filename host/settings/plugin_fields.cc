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
Field canary(Field field) {
  return stored<&Settings::canary, Member>(std::move(field));
}

void add_reload(std::vector<Field>& all) {
  using C = CanarySettings;
  all.push_back(stored<&Settings::reload>(
      choice("plugins.reload", "immediate", {"canary", "immediate"},
             "How a changed build comes in. `immediate`: it takes the place of what runs. `canary`: it is tried over "
             "records of the past, whose outputs are not written; then it is called for some partitions, and a record "
             "that it fails on is processed by its predecessor. It is turned away or rolled back when it fails more; "
             "without records to judge it by it is let in.")));
  all.push_back(canary<&C::records>(
      integer("plugins.canary.records", 1000, 0, 1'000'000, "",
              "Records of each function, the last that were processed, that a new build is tried over; consumers are "
              "not, as what they do cannot be held back; 0: none.")));
  all.push_back(canary<&C::letters>(
      integer("plugins.canary.letters", 100, 0, 1'000'000, "",
              "Open dead letters of each function that it is tried over, to tell how many would pass now.")));
  all.push_back(canary<&C::budget_ms>(integer("plugins.canary.budget_ms", 5000, 1, 600'000, "ms",
                                              "The time for that: it is judged by what was tried until then.")));
  all.push_back(
      canary<&C::share>(number("plugins.canary.share", 0.25, 0.001, 1,
                               "The share of a source's partitions that the new build is called for; at least one.")));
  all.push_back(canary<&C::min_records>(
      integer("plugins.canary.min_records", 200, 1, 100'000'000, "",
              "Records by which it is judged at the soonest; it is rolled back sooner when it cannot keep to "
              "`max_extra_failures` over so many any more.")));
  all.push_back(canary<&C::window_ms>(
      integer("plugins.canary.window_ms", 30'000, 1, kDayMs, "ms",
              "After this time it is judged by what there was, and called for all partitions or for none.")));
  all.push_back(canary<&C::max_extra_failures>(
      number("plugins.canary.max_extra_failures", 0.02, 0, 1,
             "The share of its records that a new build may fail on where its predecessor does not. Failures for a "
             "dependency that is down do not count; a fault (signal, exit, time-out) ends the trial at once.")));
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
  add_reload(all);
  add_quarantine(all);
}

}  // namespace eddy::host
