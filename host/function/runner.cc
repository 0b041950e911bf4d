// SPDX-License-Identifier: Apache-2.0
#include "function/runner.h"

#include <algorithm>

namespace eddy::host {

std::string group_of(std::string_view function) { return "eddy-" + std::string(function); }

std::string retry_stream_of(std::string_view function) { return std::string(function) + ".retry"; }
std::string retry_group_of(std::string_view function) { return group_of(function) + ".retry"; }

std::string redrive_stream_of(std::string_view function) { return std::string(function) + ".redrive"; }
std::string redrive_group_of(std::string_view function) { return group_of(function) + ".redrive"; }

Runner::Runner(const WorkerContext& context, Metrics& metrics, Shape shape, BindingPtr binding)
    : shape_(std::move(shape)),
      policies_{Breaker(binding->settings.breaker, context.clock),
                LetterLimit(binding->settings.limits, context.clock)} {
  slot_.publish(binding);
  for (std::uint32_t i = 0; i < shape_.workers; ++i) start_worker(context, metrics, *binding, Intake::kSource, i);
  if (shape_.retries) start_worker(context, metrics, *binding, Intake::kRetries);
  if (shape_.redrives) start_worker(context, metrics, *binding, Intake::kRedrives);
}

namespace {

// The group that reads it, the stream, and the queue whose letters it recovers.
struct Source {
  std::string group, stream, recovers;
};

Source source_of(const Runner::Shape& shape, const Binding& binding, Intake intake) {
  switch (intake) {
    case Intake::kRetries:
      return {retry_group_of(shape.function), retry_stream_of(shape.function), binding.recovers() ? shape.source : ""};
    case Intake::kRedrives:
      return {redrive_group_of(shape.function), redrive_stream_of(shape.function), binding.queue};
    case Intake::kSource:
      break;
  }
  return {group_of(shape.function), shape.source, binding.recovers() ? shape.source : ""};
}

}  // namespace

void Runner::start_worker(const WorkerContext& context, Metrics& metrics, const Binding& binding, Intake intake,
                          std::uint32_t index) {
  Source source = source_of(shape_, binding, intake);
  const Metrics::WorkerLabels labels{
      .function = shape_.function, .queue = binding.queue, .recovers = std::move(source.recovers)};
  WorkerSpec spec;
  spec.function = shape_.function;
  spec.intake = intake;
  spec.session.group = std::move(source.group);
  spec.session.stream = std::move(source.stream);
  spec.session.worker = index;
  spec.session.workers = intake == Intake::kSource ? shape_.workers : 1;
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
