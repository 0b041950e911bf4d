// SPDX-License-Identifier: Apache-2.0
// All manifests merged into one graph, and checked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "dead_letter/queue_names.h"
#include "plugin/image.h"

namespace eddy::host {

struct TopologyStream {
  std::string name;
  bool queue = false;                // a dead letter queue
  ModelPtr model;                    // of records, or of a queue's originals
  std::uint32_t partitions = 0;      // 0: default
  std::uint32_t retention_days = 0;  // 0: default
  std::string dead_letter_queue;     // its functions inherit it
  std::string declared_in;           // plugin name; empty: the host
  std::string destination;           // table fed from the stream; empty: none
};

struct TopologyFunction {
  const FunctionDecl* decl = nullptr;  // in `image`
  ImagePtr image;
  std::string dead_letter_queue;  // resolved: its own, the stream's, or the host-wide one; for a function over a queue:
                                  // that queue itself
};

struct Topology {
  std::map<std::string, TopologyStream> streams;  // queues, their parked queues and the host-wide queue included
  std::map<std::string, TopologyFunction> functions;
  std::map<std::string, TableDecl> tables;
  std::map<std::string, IngestApiDecl> ingest_apis;  // by route: name, or name/version
};

// Merges images in the order given. Every problem is one message that names both places:
// unknown stream, model conflict, a name declared twice differently, a function name used twice, a cycle of transforms
// that no queue breaks, two plugins of one name. A stream that two plugins declare alike is one stream; what one of
// them leaves open (model, partitions, retention, queue, table) the other may say.
struct MergeResult {
  Topology topology;
  std::vector<Error> errors;        // empty: the topology is good
  std::vector<std::size_t> blamed;  // for each error: the image at fault, of two that disagree the later one
};
MergeResult merge(const std::vector<ImagePtr>& images);

}  // namespace eddy::host
