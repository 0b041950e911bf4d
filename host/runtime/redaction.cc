// SPDX-License-Identifier: Apache-2.0
#include "runtime/redaction.h"

#include <algorithm>

#include "dead_letter/queue_names.h"
#include "function/runner.h"

namespace eddy::host {

namespace {

using Redacted = std::map<std::string, std::vector<std::string>>;

bool over_queue(const TopologyFunction& function) { return function.decl->input == EDDY_INPUT_DEAD_LETTER; }

void hide_in(Redacted& all, const std::string& stream, const std::vector<std::string>& pointers) {
  if (stream.empty() || pointers.empty()) return;
  std::vector<std::string>& known = all[stream];
  for (const std::string& pointer : pointers) {
    if (std::find(known.begin(), known.end(), pointer) == known.end()) known.push_back(pointer);
  }
}

// Where its letters go; the settings may name another queue than the plugin does.
std::string letters_go_to(const TopologyFunction& function, const Settings& settings) {
  const std::string chosen = settings.function(function.decl->name).dead_letter_queue;
  return chosen.empty() || over_queue(function) ? function.dead_letter_queue : chosen;
}

// Any stream but the queues is a destination of a function that chooses one for each output.
std::vector<std::string> outputs_of(const TopologyFunction& function, const Topology& topology) {
  if (function.decl->kind != EDDY_FUNCTION_MULTI_TRANSFORM) return {function.decl->destination};
  std::vector<std::string> outputs;
  for (const auto& [name, stream] : topology.streams) {
    if (!stream.queue) outputs.push_back(name);
  }
  return outputs;
}

}  // namespace

Redacted redacted_streams(const Topology& topology, const Settings& settings) {
  Redacted all;
  for (const auto& [name, function] : topology.functions) {
    const std::string queue = letters_go_to(function, settings);
    const std::vector<std::string> pointers = settings.redact(name, queue);
    for (const std::string& stream :
         {function.decl->source, retry_stream_of(name), redrive_stream_of(name), queue, queue + kParkedSuffix}) {
      hide_in(all, stream, pointers);
    }
    for (const std::string& stream : outputs_of(function, topology)) hide_in(all, stream, pointers);
    // From before the settings turned its letters away from there.
    const std::string& declared = function.dead_letter_queue;
    for (const std::string& stream : {declared, declared + kParkedSuffix}) {
      if (!declared.empty()) hide_in(all, stream, settings.redact(name, declared));
    }
  }
  for (const auto& [route, api] : topology.ingest_apis) {
    const std::string queue = api.dead_letter_queue.empty() ? kDefaultQueue : api.dead_letter_queue;
    const std::vector<std::string> pointers = settings.redact("", queue);
    hide_in(all, queue, pointers);
    hide_in(all, api.destination, pointers);
  }
  for (const auto& [name, stream] : topology.streams) {
    if (stream.queue) hide_in(all, name, settings.redact("", base_queue(name)));
  }
  return all;
}

bool holds_letters(const Topology& topology, const std::string& stream) {
  if (const auto known = topology.streams.find(stream); known != topology.streams.end()) return known->second.queue;
  return std::ranges::any_of(topology.functions, [&](const auto& entry) {
    return stream == redrive_stream_of(entry.first) ||
           (over_queue(entry.second) && stream == retry_stream_of(entry.first));
  });
}

}  // namespace eddy::host
