// SPDX-License-Identifier: Apache-2.0
// Everything one function needs to run, resolved: its code, its streams, its settings.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dead_letter/letter.h"
#include "function/canary.h"
#include "plugin/image.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

// A stream a function may write to.
struct Destination {
  std::string name;
  StreamId id{};
  std::uint32_t partitions = 1;
  std::size_t max_record_bytes = 0;
  ModelPtr model;  // null: any bytes
  // In a worker process: the signature of its model when the plugin has none that is equal; empty: see `model`.
  std::string foreign_model{};
  bool operator==(const Destination&) const = default;
};

// Where records of one function wait for another attempt, when others are to flow meanwhile (retry.mode: stream). Its
// partitions are `tiers` times `width`: all records of one have the same delay, so the first is due first.
struct RetryStream {
  std::string name;
  StreamId id{};
  std::uint32_t tiers = 1;
  std::uint32_t width = 1;

  std::uint32_t partition_for(std::uint32_t attempts, std::uint32_t origin_partition) const {
    return (std::min(attempts, tiers) - 1) * width + origin_partition % width;
  }
  bool operator==(const RetryStream&) const = default;
};

// Where a function is called.
enum class Placement : std::uint8_t {
  kThread,     // in the host's own threads
  kContained,  // in a worker process, because it has faulted in a thread: it may do there what it could before
  kSandbox,    // in a worker process, as its settings say: it may do what its sandbox allows
};

struct Binding;
using BindingPtr = std::shared_ptr<const Binding>;

// A new build on trial: it is called for the first partitions of the source, and its predecessor for the others, and
// for each record that the new one fails on.
struct Canary {
  BindingPtr stable;             // the predecessor's; it has no canary itself
  std::uint32_t partitions = 1;  // of the source
  std::shared_ptr<CanaryCounts> counts;
};

// Immutable once published. Made by the runtime whenever the topology or the settings change; a worker takes a new one
// between two units of work.
struct Binding {
  ImagePtr image;
  const FunctionDecl* decl = nullptr;  // in `image`
  FunctionSettings settings;
  std::uint64_t settings_version = 0;  // raised by each reload of the configuration
  Placement placement = Placement::kThread;

  std::vector<Destination> destinations;  // all streams of the topology for a multi-transform, else the one or none
  std::size_t max_call_bytes = std::size_t{256} << 20;  // of all outputs of one call, as call_bytes()
  std::string queue;                                    // where its dead letters go
  StreamId queue_id{};
  StreamId parked_id{};  // functions over a queue: where letters end that have no hops left
  QueueOptions queue_options;
  std::optional<StreamId> states_id;  // where it is told what was recovered; none: nowhere
  std::optional<RetryStream> retry;   // none: it waits in place
  std::optional<Canary> canary;       // none: it is called for all

  // A fault has left its image, or its predecessor's, half-way through something.
  bool poisoned() const {
    return image->poisoned.load(std::memory_order_acquire) || (canary && canary->stable->poisoned());
  }
  // True when a worker that runs the one need not be given the other.
  bool same_as(const Binding& other) const;

  bool over_queue() const { return decl->input == EDDY_INPUT_DEAD_LETTER; }
  bool recovers() const { return over_queue() && decl->kind != EDDY_FUNCTION_CONSUMER; }
  // The default destination for a null name; null when there is none of that name.
  const Destination* destination(eddy_str name) const;
};

}  // namespace eddy::host
