// SPDX-License-Identifier: Apache-2.0
#include "runtime/canaries.h"

#include <algorithm>

namespace eddy::host {

namespace {

CanaryFigures figures_of(const CanaryCounts& counts) {
  return {counts.calls(), counts.broken(), counts.first(), counts.refusal()};
}

}  // namespace

void Canaries::try_out(TrialSpec spec) {
  const std::string plugin = spec.plugin;
  drop_trial(plugin);
  trials_[plugin] = {std::make_unique<Trial>(std::move(spec), transport_, wake_), clock_.now_us()};
}

void Canaries::drop_trial(const std::string& plugin) {
  const auto found = trials_.find(plugin);
  if (found == trials_.end()) return;
  found->second.trial->cancel();
  cancelled_.push_back(std::move(found->second.trial));
  trials_.erase(found);
}

std::vector<std::unique_ptr<Trial>> Canaries::ended_trials() {
  std::erase_if(cancelled_, [](const auto& trial) { return trial->ended(); });
  std::vector<std::unique_ptr<Trial>> ended;
  for (auto at = trials_.begin(); at != trials_.end();) {
    if (!at->second.trial->ended()) {
      ++at;
      continue;
    }
    ended.push_back(std::move(at->second.trial));
    at = trials_.erase(at);
  }
  return ended;
}

bool Canaries::begin(const ImagePtr& fresh, const ImagePtr& stable, const CanarySettings& settings) {
  const bool any = std::ranges::any_of(fresh->manifest.functions, [&](const FunctionDecl& decl) {
    return can_run_beside(decl, stable->function(decl.name));
  });
  if (!any) return false;
  const CanaryBudget budget{settings.max_extra_failures, settings.min_records};
  live_[fresh->identity.name] = {
      fresh, stable, settings.share, std::make_shared<CanaryCounts>(budget), clock_.steady(), clock_.now_us()};
  return true;
}

std::vector<Canaries::Judged> Canaries::judge(const CanarySettings& settings) const {
  std::vector<Judged> judged;
  for (const auto& [plugin, live] : live_) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - live.since);
    CanaryVerdict verdict = judge_canary(settings, figures_of(*live.counts), since);
    if (verdict.kind != CanaryVerdict::Kind::kWait) judged.push_back({plugin, std::move(verdict)});
  }
  return judged;
}

bool Canaries::is_stable(const std::string& plugin, std::uint64_t generation) const {
  const auto found = live_.find(plugin);
  return found != live_.end() && found->second.stable->generation == generation;
}

std::string Canaries::blame(const std::string& plugin, std::uint64_t generation) const {
  const auto found = live_.find(plugin);
  if (found == live_.end() || found->second.fresh->generation != generation) return {};
  return found->second.counts->refusal();
}

void Canaries::forget(const std::string& plugin) {
  drop_trial(plugin);
  end_live(plugin);
}

CanaryPlans Canaries::plans() const {
  CanaryPlans plans;
  for (const auto& [plugin, live] : live_) plans[live.fresh->generation] = {live.stable, live.share, live.counts};
  return plans;
}

std::optional<CanaryState> Canaries::state(const std::string& plugin) const {
  if (const auto found = trials_.find(plugin); found != trials_.end()) {
    const PluginIdentity& identity = found->second.trial->spec().candidate->identity;
    return CanaryState{false, identity.version, identity.sha256, found->second.since_us, 0, 0};
  }
  const auto found = live_.find(plugin);
  if (found == live_.end()) return std::nullopt;
  const auto& [fresh, stable, share, counts, since, since_us] = found->second;
  return CanaryState{true,     fresh->identity.version, fresh->identity.sha256,
                     since_us, counts->calls(),         counts->broken()};
}

}  // namespace eddy::host
