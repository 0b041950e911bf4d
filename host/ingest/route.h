// SPDX-License-Identifier: Apache-2.0
// What the ingest server serves: replaced whole when plugins come and go.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "dead_letter/letter.h"
#include "model/model.h"
#include "stream/transport.h"

namespace eddy::host {

// A plugin's own check of a decoded row.
struct RowRefusal {
  std::string error_type;
  std::string error_message;
  bool faulted = false;  // the check has broken on this row: for a while it can be made for no other
};
// kUnavailable: the check cannot be made now, and says nothing about the row.
using RowCheck = std::function<Result<std::optional<RowRefusal>>(const eddy_value* row)>;

struct IngestRoute {
  std::string name;  // "movies", or "movies/2" with a version
  std::shared_ptr<const Model> model;
  std::string stream;
  StreamId stream_id{};
  std::string queue;  // dead letters; never empty: the host-wide queue when the API has none of its own
  StreamId queue_id{};
  QueueOptions queue_options;
  std::string plugin, plugin_version, plugin_build_id, plugin_sha256;  // who declared it
  RowCheck check;                                                      // may be empty; called on the server's thread
};

using IngestRoutes = std::map<std::string, std::shared_ptr<const IngestRoute>, std::less<>>;
using IngestRoutesPtr = std::shared_ptr<const IngestRoutes>;

}  // namespace eddy::host
