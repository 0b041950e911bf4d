// SPDX-License-Identifier: Apache-2.0
// Transforms that feed themselves, directly or over others, would run for ever.
#include <algorithm>
#include <set>

#include "plugin/merger.h"

namespace eddy::host {

namespace {

struct Edge {
  const TopologyFunction* function;
  const std::string& to() const { return function->decl->destination; }
  const std::string& from() const { return function->decl->source; }
};

// Depth first over streams; a stream met again on the current path closes a cycle. Every stream is left once, so a
// cycle is found once.
class CycleSearch {
 public:
  explicit CycleSearch(const Topology& topology) {
    for (const auto& [name, function] : topology.functions) {
      const auto source = topology.streams.find(function.decl->source);
      // What comes out of a dead letter queue is on its way back: a recovery may well end where it began.
      const bool breaks = source == topology.streams.end() || source->second.queue;
      if (!breaks && !function.decl->destination.empty()) edges_[source->first].push_back(Edge{&function});
    }
  }

  std::vector<std::vector<Edge>> run() {
    for (const auto& [stream, edges] : edges_) visit(stream);
    return std::move(cycles_);
  }

 private:
  // Recursion is as deep as the longest chain of transforms.
  void visit(const std::string& stream) {
    if (!left_.insert(stream).second) return;
    const auto edges = edges_.find(stream);
    if (edges == edges_.end()) return;
    for (const Edge& edge : edges->second) {
      path_.push_back(edge);
      const auto begin =
          std::find_if(path_.begin(), path_.end(), [&](const Edge& step) { return step.from() == edge.to(); });
      if (begin != path_.end()) {
        cycles_.emplace_back(begin, path_.end());
      } else {
        visit(edge.to());
      }
      path_.pop_back();
    }
  }

  std::map<std::string, std::vector<Edge>> edges_;
  std::set<std::string> left_;
  std::vector<Edge> path_;
  std::vector<std::vector<Edge>> cycles_;
};

}  // namespace

void Merger::check_cycles() {
  for (const std::vector<Edge>& cycle : CycleSearch(result_.topology).run()) {
    std::string text =
        "transforms form a cycle: expected streams that flow one way, or a dead letter queue between them; found " +
        cycle.front().from();
    std::size_t last = 0;
    for (const Edge& edge : cycle) {
      const std::size_t image = image_of("function " + edge.function->decl->name);
      last = std::max(last, image);
      text += " -> " + edge.to() + " (function \"" + edge.function->decl->name + "\" of plugin " + plugin(image) + ")";
    }
    error(last, std::move(text));
  }
}

}  // namespace eddy::host
