// SPDX-License-Identifier: Apache-2.0
#include "runtime/functions.h"

#include <algorithm>

namespace eddy::host {

void Functions::end_others(const Bindings& bindings) {
  std::vector<std::unique_ptr<Runner>> leaving;
  for (auto at = runners_.begin(); at != runners_.end();) {
    const auto wanted = bindings.bound.find(at->first);
    const bool as_it_is = wanted != bindings.bound.end() && wanted->second.shape == at->second->shape();
    if (as_it_is || bindings.unbound.contains(at->first)) {
      ++at;
      continue;
    }
    at->second->stop();
    bindings_.erase(at->first);
    leaving.push_back(std::move(at->second));
    at = runners_.erase(at);
  }
  leaving.clear();  // waits: a function must have left its group before it joins again in another shape
}

void Functions::apply(Bindings bindings) {
  end_others(bindings);
  for (auto& [name, function] : bindings.bound) {
    BindingPtr& last = bindings_[name];
    const auto runner = runners_.find(name);
    if (runner == runners_.end()) {
      runners_[name] = std::make_unique<Runner>(context_, metrics_, function.shape, function.binding);
    } else if (!last->same_as(*function.binding)) {
      runner->second->publish(function.binding);
    } else {
      continue;
    }
    last = std::move(function.binding);
  }
}

void Functions::stop() {
  for (const auto& [name, runner] : runners_) runner->stop();
}

bool Functions::finished() const {
  return std::ranges::all_of(runners_, [](const auto& entry) { return entry.second->finished(); });
}

}  // namespace eddy::host
