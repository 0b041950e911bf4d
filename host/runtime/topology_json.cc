// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology_json.h"

#include <set>

#include "admin/schema.h"
#include "runtime/listings.h"
#include "table/feeder.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

class Graph {
 public:
  explicit Graph(const HostView& view) : view_(view) {}

  Json build() {
    for (const auto& [name, stream] : view_.topology.streams) {
      node(stream_id(name), stream.queue ? "queue" : "stream", name, stream.declared_in);
    }
    for (const auto& [name, table] : view_.topology.tables) node("table:" + name, "table", name, "");
    for (const auto& [route, api] : view_.topology.ingest_apis) add_api(route, api);
    for (const auto& [name, function] : view_.topology.functions) add_function(name, function);
    for (const auto& [feed, stream] : view_.feeds) add_feed(feed, stream);
    return {{"nodes", std::move(nodes_)}, {"edges", std::move(edges_)}};
  }

 private:
  std::string stream_id(const std::string& name) const {
    const auto found = view_.topology.streams.find(name);
    const bool queue = found != view_.topology.streams.end() && found->second.queue;
    return (queue ? "queue:" : "stream:") + name;
  }

  void node(const std::string& id, const char* kind, const std::string& name, const std::string& plugin) {
    if (!known_.insert(id).second) return;
    nodes_.push_back({{"id", id},
                      {"kind", kind},
                      {"name", name},
                      {"plugin", plugin.empty() ? Json() : Json(plugin)},
                      {"function_kind", nullptr}});
  }

  // A stream may be named and declared nowhere: it is Kafka's, or the default queue.
  void edge(const std::string& from, const std::string& to, const char* kind) {
    edges_.push_back({{"from", from}, {"to", to}, {"kind", kind}});
  }
  void edge_to_stream(const std::string& from, const std::string& stream, const char* kind) {
    if (stream.empty()) return;
    node(stream_id(stream), "stream", stream, "");
    edge(from, stream_id(stream), kind);
  }

  void add_api(const std::string& route, const IngestApiDecl& api) {
    const std::string id = "ingest_api:" + route;
    node(id, "ingest_api", route, "");
    edge_to_stream(id, api.destination, "writes");
    edge_to_stream(id, api.dead_letter_queue.empty() ? kDefaultQueue : api.dead_letter_queue, "dead_letters");
  }

  void add_function(const std::string& name, const TopologyFunction& function) {
    const std::string id = "function:" + name;
    node(id, "function", name, function.image->identity.name);
    nodes_.back()["function_kind"] = function_kind(function.decl->kind);
    node(stream_id(function.decl->source), "stream", function.decl->source, "");
    edge(stream_id(function.decl->source), id, "reads");
    edge_to_stream(id, function.decl->destination, "writes");
    edge_to_stream(id, function.dead_letter_queue, "dead_letters");
  }

  // A feed's name is "table.TABLE.STREAM".
  void add_feed(const std::string& feed, const std::string& stream) {
    for (const auto& [table, decl] : view_.topology.tables) {
      if (feed_name(table, stream) == feed) edge(stream_id(stream), "table:" + table, "feeds");
    }
  }

  const HostView& view_;
  std::set<std::string> known_;
  Json nodes_ = Json::array(), edges_ = Json::array();
};

}  // namespace

Json topology_json(const HostView& view) { return Graph(view).build(); }

Json topology_schema() {
  using namespace schema;
  const Json node = object({{"id", text("Its kind, a colon, and its name.")},
                            {"kind", choice({"stream", "queue", "function", "table", "ingest_api"})},
                            {"name", text()},
                            {"plugin", nullable(text("That declares it."))},
                            {"function_kind", nullable(choice({"consumer", "transform", "multi-transform"}))}});
  const Json edge =
      object({{"from", text()}, {"to", text()}, {"kind", choice({"reads", "writes", "dead_letters", "feeds"})}});
  return object({{"nodes", array(node)}, {"edges", array(edge)}});
}

}  // namespace eddy::host
