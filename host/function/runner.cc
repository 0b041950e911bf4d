// SPDX-License-Identifier: Apache-2.0
#include "function/runner.h"

#include <algorithm>

namespace eddy::host {

std::string group_of(std::string_view function) { return "eddy-" + std::string(function); }

std::string retry_stream_of(std::string_view function) { return std::string(function) + ".retry"; }
std::string retry_group_of(std::string_view function) { return group_of(function) + ".retry"; }

Runner::Runner(const WorkerContext& context, Metrics& metrics, Shape shape, BindingPtr binding)
    : shape_(std::move(shape)),
      policies_{Breaker(binding->settings.breaker, context.clock),
                LetterLimit(binding->settings.limits, context.clock)} {
  slot_.publish(binding);
  for (std::uint32_t i = 0; i < shape_.workers; ++i) start_worker(context, metrics, *binding, i, false);
  if (shape_.retries) start_worker(context, metrics, *binding, 0, true);
}

void Runner::start_worker(const WorkerContext& context, Metrics& metrics, const Binding& binding, std::uint32_t index,
                          bool from_retry_stream) {
  const Metrics::WorkerLabels labels{
      .function = shape_.function, .queue = binding.queue, .recovers = binding.recovers() ? shape_.source : ""};
  WorkerSpec spec;
  spec.function = shape_.function;
  spec.from_retry_stream = from_retry_stream;
  spec.session.group = from_retry_stream ? retry_group_of(shape_.function) : group_of(shape_.function);
  spec.session.stream = from_retry_stream ? retry_stream_of(shape_.function) : shape_.source;
  spec.session.worker = index;
  spec.session.workers = from_retry_stream ? 1 : shape_.workers;
  spec.session.delivery = shape_.at_least_once ? Delivery::kAtLeastOnce : Delivery::kExactlyOnce;
  workers_.push_back(std::make_unique<Worker>(context, slot_, policies_, std::move(spec), metrics.worker(labels)));
}

Runner::~Runner() { stop(); }

void Runner::publish(BindingPtr binding) {
  if (binding != nullptr) {
    policies_.breaker.configure(binding->settings.breaker);
    policies_.limit.configure(binding->settings.limits);
  }
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
