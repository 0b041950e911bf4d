// SPDX-License-Identifier: Apache-2.0
#include "function/binding.h"

#include <algorithm>

namespace eddy::host {

const Destination* Binding::destination(eddy_str name) const {
  if (name.data == nullptr) {
    return decl->kind == EDDY_FUNCTION_TRANSFORM && !destinations.empty() ? &destinations.front() : nullptr;
  }
  const auto found = std::lower_bound(destinations.begin(), destinations.end(), to_view(name),
                                      [](const Destination& d, std::string_view wanted) { return d.name < wanted; });
  return found != destinations.end() && found->name == to_view(name) ? &*found : nullptr;
}

namespace {

bool same_canary(const std::optional<Canary>& a, const std::optional<Canary>& b) {
  if (!a || !b) return !a && !b;
  return a->counts == b->counts && a->partitions == b->partitions && a->stable->same_as(*b->stable);
}

}  // namespace

bool Binding::same_as(const Binding& other) const {
  return image == other.image && decl == other.decl && settings_version == other.settings_version &&
         placement == other.placement && queue == other.queue && queue_id == other.queue_id &&
         parked_id == other.parked_id && states_id == other.states_id && destinations == other.destinations &&
         retry == other.retry && queue_options.max_record_bytes == other.queue_options.max_record_bytes &&
         same_canary(canary, other.canary);
}

}  // namespace eddy::host
