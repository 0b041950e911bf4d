// SPDX-License-Identifier: Apache-2.0
// References between declarations: every name must be there, be of the right kind, and carry the right model.
#include <algorithm>

#include "plugin/merger.h"
#include "plugin/nearest.h"

namespace eddy::host {

namespace {

std::string place(const std::string& plugin) { return plugin.empty() ? "the host" : "plugin " + plugin; }

}  // namespace

std::string Merger::suggestion(const std::string& name) const {
  const auto& streams = result_.topology.streams;
  const std::string* const nearest = nearest_key(streams, name);
  if (nearest == nullptr) return "declare it";
  return "did you mean " + in_quotes(*nearest) + " of " + place(streams.at(*nearest).declared_in) + "?";
}

const TopologyStream* Merger::check_target(std::size_t image, const std::string& what, const std::string& stream) {
  const auto& streams = result_.topology.streams;
  const auto found = streams.find(stream);
  if (found == streams.end()) {
    error(image, what + ": expected a declared stream, found " + in_quotes(stream) + "; " + suggestion(stream));
    return nullptr;
  }
  if (!found->second.queue) return &found->second;
  error(image, what + ": expected a stream, found the dead letter queue " + in_quotes(stream) + " of " +
                   place(found->second.declared_in) + "; write to a stream: only the host writes dead letters");
  return nullptr;
}

void Merger::check_queue(std::size_t image, const std::string& what, const std::string& queue) {
  if (queue.empty()) return;
  const auto& streams = result_.topology.streams;
  const auto found = streams.find(queue);
  const std::string where = what + ": dead_letter_queue";
  if (found == streams.end()) {
    error(image, where + ": expected a declared queue, found " + in_quotes(queue) + "; " + suggestion(queue));
  } else if (!found->second.queue) {
    error(image, where + ": expected a dead letter queue, found the stream " + in_quotes(queue) + " of " +
                     place(found->second.declared_in) + "; declare a queue of another name");
  }
}

void Merger::check_models(std::size_t image, const std::string& what, const ModelPtr& ours, const std::string& target,
                          const std::string& declared_in, const ModelPtr& theirs) {
  if (!ours || !theirs || ours->signature() == theirs->signature()) return;
  error(image, what + ": expected model " + theirs->name() + " of " + target + " in " + place(declared_in) +
                   ", found model " + ours->name() + ": " + ours->difference(*theirs) + "; make them agree");
}

void Merger::check_stream(std::size_t image, const StreamDecl& decl) {
  const std::string what = "stream " + in_quotes(decl.name) + " of " + place(plugin(image));
  check_queue(image, what, decl.dead_letter_queue);
  const auto& tables = result_.topology.tables;
  if (decl.destination.empty() || tables.contains(decl.destination)) return;
  const std::string* const nearest = nearest_key(tables, decl.destination);
  error(image, what + ": destination: expected a declared table, found " + in_quotes(decl.destination) + "; " +
                   (nearest == nullptr ? "declare it" : "did you mean " + in_quotes(*nearest) + "?"));
}

void Merger::check_table_models() {
  for (const auto& [name, stream] : result_.topology.streams) {
    const auto table = result_.topology.tables.find(stream.destination);
    if (table == result_.topology.tables.end()) continue;
    const std::size_t owner = image_of("table " + table->first);
    check_models(std::max(model_giver(name), owner), "stream " + in_quotes(name) + " of " + place(stream.declared_in),
                 stream.model, "table " + in_quotes(table->first), plugin(owner), table->second.model);
  }
}

void Merger::check_api(std::size_t image, const IngestApiDecl& decl) {
  const std::string what = "ingest API " + in_quotes(decl.name) + " of " + place(plugin(image));
  check_queue(image, what, decl.dead_letter_queue);
  const TopologyStream* const stream = check_target(image, what + ": destination", decl.destination);
  if (stream == nullptr) return;
  check_models(std::max(image, model_giver(stream->name)), what, decl.model, "stream " + in_quotes(stream->name),
               plugin(model_giver(stream->name)), stream->model);
}

void Merger::check_function(const TopologyFunction& function) {
  const FunctionDecl& decl = *function.decl;
  const std::size_t image = image_of("function " + decl.name);
  const std::string what = "function " + in_quotes(decl.name) + " of " + place(plugin(image));
  const auto& streams = result_.topology.streams;
  const auto source = streams.find(decl.source);
  if (source == streams.end()) {
    error(image, what + ": source: expected a declared stream or queue, found " + in_quotes(decl.source) + "; " +
                     suggestion(decl.source));
  } else if (decl.input == EDDY_INPUT_DEAD_LETTER && !source->second.queue) {
    error(image, what + ": source: expected a dead letter queue, as it takes dead letters, found the stream " +
                     in_quotes(decl.source) + " of " + place(source->second.declared_in) + "; read from its queue");
  }
  check_queue(image, what, decl.dead_letter_queue);
  if (decl.destination.empty()) return;
  const TopologyStream* const stream = check_target(image, what + ": destination", decl.destination);
  if (stream == nullptr) return;
  check_models(std::max(image, model_giver(stream->name)), what, decl.output_model, "stream " + in_quotes(stream->name),
               plugin(model_giver(stream->name)), stream->model);
}

}  // namespace eddy::host
