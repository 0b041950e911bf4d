// SPDX-License-Identifier: Apache-2.0
#include "runtime/redaction.h"

#include <algorithm>

#include "function/runner.h"

namespace eddy::host {

std::map<std::string, std::vector<std::string>> redacted_streams(const Topology& topology, const Settings& settings) {
  std::map<std::string, std::vector<std::string>> all;
  const auto add = [&all](const std::string& stream, const std::vector<std::string>& pointers) {
    if (stream.empty() || pointers.empty()) return;
    std::vector<std::string>& known = all[stream];
    for (const std::string& pointer : pointers) {
      if (std::find(known.begin(), known.end(), pointer) == known.end()) known.push_back(pointer);
    }
  };
  for (const auto& [name, function] : topology.functions) {
    const std::string& queue = function.dead_letter_queue;
    const std::vector<std::string> pointers = settings.redact(name, queue);
    for (const std::string& stream : {function.decl->source, function.decl->destination, retry_stream_of(name),
                                      redrive_stream_of(name), queue, queue + kParkedSuffix}) {
      add(stream, pointers);
    }
  }
  for (const auto& [route, api] : topology.ingest_apis) {
    const std::string queue = api.dead_letter_queue.empty() ? kDefaultQueue : api.dead_letter_queue;
    const std::vector<std::string> pointers = settings.redact("", queue);
    add(queue, pointers);
    add(api.destination, pointers);
  }
  return all;
}

}  // namespace eddy::host
