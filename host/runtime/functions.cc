// SPDX-License-Identifier: Apache-2.0
#include "runtime/functions.h"

#include <algorithm>

#include "base/log.h"

namespace eddy::host {

namespace {

// A unit of work that ends is not worth a word before.
constexpr std::chrono::seconds kLate{2};

}  // namespace

void Functions::end_others(const Bindings& bindings) {
  for (auto at = runners_.begin(); at != runners_.end();) {
    const auto wanted = bindings.bound.find(at->first);
    const bool as_it_is = wanted != bindings.bound.end() && wanted->second.shape == at->second->shape();
    if (as_it_is || bindings.unbound.contains(at->first)) {
      ++at;
      continue;
    }
    at->second->stop();
    bindings_.erase(at->first);
    leaving_.push_back({std::move(at->second), context_.clock.steady()});
    at = runners_.erase(at);
  }
  std::erase_if(waiting_, [&](const auto& entry) { return !bindings.unbound.contains(entry.first); });
}

void Functions::apply(Bindings bindings) {
  end_others(bindings);
  for (auto& [name, function] : bindings.bound) {
    const auto runner = runners_.find(name);
    if (runner == runners_.end()) {
      waiting_.insert_or_assign(name, std::move(function));
    } else if (!bindings_[name]->same_as(*function.binding)) {
      runner->second->publish(function.binding);
      bindings_[name] = std::move(function.binding);
    }
  }
  tend();
}

void Functions::tend() {
  std::erase_if(leaving_, [](const Leaving& leaving) { return leaving.runner->finished(); });
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (leaves(at->first)) {
      ++at;
      continue;
    }
    start(at->first, std::move(at->second));
    at = waiting_.erase(at);
  }
  for (const Leaving& leaving : leaving_) {
    if (!late(leaving)) continue;
    const std::string& name = leaving.runner->shape().function;
    log_limited(LogLevel::kWarn, name, "leaving", "it is to end, but a call of it has not ended; give it a timeout_ms");
  }
}

void Functions::start(const std::string& name, BoundFunction function) {
  runners_[name] = std::make_unique<Runner>(context_, metrics_, function.shape, function.binding);
  bindings_[name] = std::move(function.binding);
}

bool Functions::leaves(const std::string& name) const {
  return std::ranges::any_of(leaving_,
                             [&](const Leaving& leaving) { return leaving.runner->shape().function == name; });
}

bool Functions::late(const Leaving& leaving) const { return context_.clock.steady() - leaving.since > kLate; }

std::map<std::string, std::string> Functions::troubles() const {
  std::map<std::string, std::string> troubles;
  for (const Leaving& leaving : leaving_) {
    const std::string& name = leaving.runner->shape().function;
    if (!late(leaving) || !waiting_.contains(name)) continue;
    troubles[name] =
        "waits for a call that began before it was changed and has not ended; give it a timeout_ms, and "
        "restart the host if the call hangs";
  }
  return troubles;
}

void Functions::stop() {
  waiting_.clear();
  for (const auto& [name, runner] : runners_) runner->stop();
}

bool Functions::finished() const { return unfinished().empty(); }

std::vector<std::string> Functions::unfinished() const {
  std::vector<std::string> names;
  for (const auto& [name, runner] : runners_) {
    if (!runner->finished()) names.push_back(name);
  }
  for (const Leaving& leaving : leaving_) {
    if (!leaving.runner->finished()) names.push_back(leaving.runner->shape().function);
  }
  return names;
}

std::vector<std::string> Functions::poisoned() const {
  std::vector<std::string> names;
  for (const auto& [name, runner] : runners_) {
    if (runner->poisoned()) names.push_back(name);
  }
  for (const Leaving& leaving : leaving_) {
    if (leaving.runner->poisoned()) names.push_back(leaving.runner->shape().function);
  }
  return names;
}

void Functions::clear() {
  runners_.clear();
  leaving_.clear();
}

}  // namespace eddy::host
