// SPDX-License-Identifier: Apache-2.0
#include "plugin/merger.h"

namespace eddy::host {

namespace {

std::string said(std::uint32_t value, const char* unit) { return std::to_string(value) + " " + unit; }

}  // namespace

MergeResult merge(const std::vector<ImagePtr>& images) { return Merger(images).run(); }

MergeResult Merger::run() && {
  check_plugin_names();
  add_host_queue();
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const Manifest& manifest = images_[i]->manifest;
    for (const QueueDecl& decl : manifest.queues) add_queue(i, decl);
    for (const StreamDecl& decl : manifest.streams) add_stream(i, decl);
    for (const TableDecl& decl : manifest.tables) add_table(i, decl);
    for (const IngestApiDecl& decl : manifest.ingest_apis) add_api(i, decl);
    for (const FunctionDecl& decl : manifest.functions) add_function(i, decl);
  }
  add_parked_queues();
  for (std::size_t i = 0; i < images_.size(); ++i) {
    for (const StreamDecl& decl : images_[i]->manifest.streams) check_stream(i, decl);
  }
  check_table_models();
  for (const auto& [route, api] : result_.topology.ingest_apis) check_api(image_of("api " + route), api);
  for (const auto& [name, function] : result_.topology.functions) check_function(function);
  resolve_queues();
  check_cycles();
  return std::move(result_);
}

void Merger::error(std::size_t image, std::string text) {
  result_.errors.push_back(Error{Code::kRefused, std::move(text)});
  result_.blamed.push_back(image);
}

std::size_t Merger::image_of(const std::string& key) const {
  const auto owner = owners_.find(key);
  return owner == owners_.end() ? 0 : owner->second;
}

void Merger::check_plugin_names() {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const auto [known, added] = first.emplace(plugin(i), i);
    if (added) continue;
    error(i, "plugin " + plugin(i) + ": expected one file of this name, found " +
                 images_[known->second]->identity.file + " and " + images_[i]->identity.file +
                 "; remove one, or rename one with EDDY_PLUGIN_INFO");
  }
}

void Merger::add_host_queue() {
  TopologyStream queue;
  queue.name = kDefaultQueue;
  queue.queue = true;
  result_.topology.streams.emplace(queue.name, queue);
}

void Merger::add_stream(std::size_t image, const StreamDecl& decl) {
  TopologyStream stream;
  stream.name = decl.name;
  stream.model = decl.model;
  stream.partitions = decl.partitions;
  stream.retention_days = decl.retention_days;
  stream.dead_letter_queue = decl.dead_letter_queue;
  stream.declared_in = plugin(image);
  stream.destination = decl.destination;
  const auto [known, added] = result_.topology.streams.emplace(decl.name, stream);
  owners_.emplace("stream " + decl.name, image);
  if (decl.model) owners_.emplace("model " + decl.name, image);
  if (!added) unite(known->second, stream, image);
}

void Merger::add_queue(std::size_t image, const QueueDecl& decl) {
  TopologyStream queue;
  queue.name = decl.name;
  queue.queue = true;
  queue.model = decl.model;
  queue.retention_days = decl.retention_days;
  queue.declared_in = plugin(image);
  const auto [known, added] = result_.topology.streams.emplace(decl.name, queue);
  owners_.emplace("stream " + decl.name, image);
  if (decl.model) owners_.emplace("model " + decl.name, image);
  if (!added) unite(known->second, queue, image);
}

// What one declaration leaves open the other may say; what both say must be the same.
void Merger::unite(TopologyStream& known, const TopologyStream& added, std::size_t image) {
  const std::string known_in = known.declared_in.empty() ? "the host" : "plugin " + known.declared_in;
  const auto conflict = [&](const std::string& first, const std::string& second, const char* advice) {
    error(image, (known.queue ? "queue " : "stream ") + in_quotes(known.name) + ": expected one declaration, found " +
                     first + " in " + known_in + " and " + second + " in plugin " + added.declared_in + "; " + advice);
  };
  if (known.queue != added.queue) {
    const char* const kinds[] = {"a stream", "a dead letter queue"};
    conflict(kinds[known.queue], kinds[added.queue], "rename one of them");
    return;
  }
  const auto number = [&](std::uint32_t& ours, std::uint32_t theirs, const char* unit) {
    if (ours == 0) ours = theirs;
    if (theirs != 0 && ours != theirs) conflict(said(ours, unit), said(theirs, unit), "make them agree");
  };
  const auto name = [&](std::string& ours, const std::string& theirs, const std::string& unit) {
    if (ours.empty()) ours = theirs;
    if (!theirs.empty() && ours != theirs)
      conflict(unit + in_quotes(ours), unit + in_quotes(theirs), "make them agree");
  };
  number(known.partitions, added.partitions, "partitions");
  number(known.retention_days, added.retention_days, "days of retention");
  name(known.dead_letter_queue, added.dead_letter_queue, "the dead letter queue ");
  name(known.destination, added.destination, "the table ");
  if (!known.model) known.model = added.model;
  if (added.model && known.model->signature() != added.model->signature()) {
    conflict("model " + known.model->name(), "model " + added.model->name(),
             ("make them agree: " + added.model->difference(*known.model)).c_str());
  }
  if (known.declared_in.empty()) known.declared_in = added.declared_in;
}

void Merger::add_parked_queues() {
  std::vector<TopologyStream> parked;
  for (const auto& [name, stream] : result_.topology.streams) {
    if (!stream.queue) continue;
    TopologyStream queue = stream;
    queue.name += kParkedSuffix;
    parked.push_back(std::move(queue));
  }
  for (TopologyStream& queue : parked) {
    const auto [known, added] = result_.topology.streams.emplace(queue.name, queue);
    if (added || known->second.queue) continue;
    const std::string parks = "that of the queue where letters of " + base_queue(queue.name) + " are parked";
    error(image_of("stream " + queue.name), "stream " + in_quotes(queue.name) + " of plugin " +
                                                known->second.declared_in + ": expected another name, found " + parks +
                                                "; rename the stream");
  }
}

void Merger::add_table(std::size_t image, const TableDecl& decl) {
  const auto [known, added] = result_.topology.tables.emplace(decl.name, decl);
  const auto [owner, first] = owners_.emplace("table " + decl.name, image);
  if (added || known->second.model->signature() == decl.model->signature()) return;
  error(image, "table " + in_quotes(decl.name) + ": expected one declaration, found model " +
                   known->second.model->name() + " in plugin " + plugin(owner->second) + " and model " +
                   decl.model->name() + " in plugin " + plugin(image) +
                   "; make them agree: " + decl.model->difference(*known->second.model));
}

void Merger::add_api(std::size_t image, const IngestApiDecl& decl) {
  const std::string route = decl.version.empty() ? decl.name : decl.name + "/" + decl.version;
  const bool added = result_.topology.ingest_apis.emplace(route, decl).second;
  const auto [owner, first] = owners_.emplace("api " + route, image);
  if (added) return;
  error(image, "ingest API " + in_quotes(route) + ": expected one declaration, found it in plugin " +
                   plugin(owner->second) + " and in plugin " + plugin(image) + "; rename or version one of them");
}

void Merger::add_function(std::size_t image, const FunctionDecl& decl) {
  TopologyFunction function;
  function.decl = &decl;
  function.image = images_[image];
  const bool added = result_.topology.functions.emplace(decl.name, function).second;
  const auto [owner, first] = owners_.emplace("function " + decl.name, image);
  if (added) return;
  error(image, "function " + in_quotes(decl.name) + ": expected one declaration, found it in plugin " +
                   plugin(owner->second) + " and in plugin " + plugin(image) + "; rename one of them");
}

void Merger::resolve_queues() {
  const auto& streams = result_.topology.streams;
  for (auto& [name, function] : result_.topology.functions) {
    const auto source = streams.find(function.decl->source);
    if (source != streams.end() && source->second.queue) {
      function.dead_letter_queue = source->first;
    } else if (!function.decl->dead_letter_queue.empty()) {
      function.dead_letter_queue = function.decl->dead_letter_queue;
    } else if (source != streams.end() && !source->second.dead_letter_queue.empty()) {
      function.dead_letter_queue = source->second.dead_letter_queue;
    } else {
      function.dead_letter_queue = kDefaultQueue;
    }
  }
}

}  // namespace eddy::host
