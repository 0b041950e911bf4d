// SPDX-License-Identifier: Apache-2.0
// One function with its workers: started, given new code, stopped.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "function/slot.h"
#include "function/worker.h"
#include "metrics/metrics.h"

namespace eddy::host {

// The consumer group of a function.
std::string group_of(std::string_view function);
// The stream its records wait in for another attempt (retry.mode: stream), and the group it reads that with.
std::string retry_stream_of(std::string_view function);
std::string retry_group_of(std::string_view function);
// The stream that dead letters of its are sent back to, and the group it reads that with.
std::string redrive_stream_of(std::string_view function);
std::string redrive_group_of(std::string_view function);

// All calls on the control thread; trouble() on any.
class Runner {
 public:
  // What cannot change while it runs.
  struct Shape {
    std::string function;
    std::string source;
    std::uint32_t workers = 1;
    bool at_least_once = false;
    bool retries = false;   // its retry stream exists, and is read by one worker more
    bool redrives = false;  // the same for its redrive stream
    std::string queue;      // in the metrics' labels
    bool operator==(const Shape&) const = default;
  };

  Runner(const WorkerContext& context, Metrics& metrics, Shape shape, BindingPtr binding);
  ~Runner();  // stops and joins: each worker ends its record and commits its unit

  // From the next unit of work on. Null: nothing runs until the next one.
  void publish(BindingPtr binding);
  // Asks the workers to end; the destructor waits for them.
  void stop();
  bool finished() const;
  // What it was given last has faulted.
  bool poisoned() const {
    const BindingPtr binding = slot_.view().binding;
    return binding != nullptr && binding->poisoned();
  }
  const Shape& shape() const { return shape_; }
  // Why some worker does not process records; empty when all do.
  std::string trouble() const;
  Breaker::State breaker_state() const { return policies_.breaker.state(); }

 private:
  void start_worker(const WorkerContext& context, Metrics& metrics, const Binding& binding, Intake intake,
                    std::uint32_t index = 0);

  const Shape shape_;
  Slot slot_;
  FunctionPolicies policies_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace eddy::host
