// SPDX-License-Identifier: Apache-2.0
#include "function/runner.h"

#include <algorithm>

namespace eddy::host {

std::string group_of(std::string_view function) { return "eddy-" + std::string(function); }

Runner::Runner(const WorkerContext& context, Metrics& metrics, Shape shape, BindingPtr binding)
    : shape_(std::move(shape)) {
  const Metrics::WorkerLabels labels{
      .function = shape_.function, .queue = binding->queue, .recovers = binding->recovers() ? shape_.source : ""};
  slot_.publish(std::move(binding));
  for (std::uint32_t i = 0; i < shape_.workers; ++i) {
    const SessionSpec spec{group_of(shape_.function), shape_.source, i, shape_.workers};
    workers_.push_back(std::make_unique<Worker>(context, slot_, spec, shape_.function, metrics.worker(labels)));
  }
}

Runner::~Runner() { stop(); }

void Runner::publish(BindingPtr binding) {
  slot_.publish(std::move(binding));
  for (const auto& worker : workers_) worker->wake();
}

void Runner::stop() {
  slot_.stop();
  for (const auto& worker : workers_) worker->wake();
}

bool Runner::finished() const {
  return std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->finished(); });
}

std::string Runner::trouble() const {
  for (const auto& worker : workers_) {
    if (std::string trouble = worker->trouble(); !trouble.empty()) return trouble;
  }
  return {};
}

}  // namespace eddy::host
