// SPDX-License-Identifier: Apache-2.0
// The work of merge(): declarations first, then the checks that need all of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugin/topology.h"

namespace eddy::host {

class Merger {
 public:
  explicit Merger(const std::vector<ImagePtr>& images) : images_(images) {}

  MergeResult run() &&;

 private:
  // merger.cc: names and declarations
  void check_plugin_names();
  void add_host_queue();
  void add_stream(std::size_t image, const StreamDecl& decl);
  void add_queue(std::size_t image, const QueueDecl& decl);
  void add_parked_queues();
  void add_table(std::size_t image, const TableDecl& decl);
  void add_api(std::size_t image, const IngestApiDecl& decl);
  void add_function(std::size_t image, const FunctionDecl& decl);
  void unite(TopologyStream& known, const TopologyStream& added, std::size_t image);
  void resolve_queues();

  // merger_checks.cc: references between them
  void check_stream(std::size_t image, const StreamDecl& decl);
  void check_table_models();
  void check_api(std::size_t image, const IngestApiDecl& decl);
  void check_function(const TopologyFunction& function);
  void check_queue(std::size_t image, const std::string& what, const std::string& queue);
  const TopologyStream* check_target(std::size_t image, const std::string& what, const std::string& stream);
  void check_models(std::size_t image, const std::string& what, const ModelPtr& ours, const std::string& target,
                    const std::string& declared_in, const ModelPtr& theirs);
  std::string suggestion(const std::string& name) const;

  // cycles.cc
  void check_cycles();

  // Where the stream's model comes from, as it need not be where the stream was declared first.
  std::size_t model_giver(const std::string& stream) const { return image_of("model " + stream); }
  const std::string& plugin(std::size_t image) const { return images_[image]->identity.name; }
  std::size_t image_of(const std::string& key) const;
  void error(std::size_t image, std::string text);

  const std::vector<ImagePtr>& images_;
  std::map<std::string, std::size_t> owners_;  // "stream x", "model x", "table x", "api x", "function x" to the first
  MergeResult result_;
};

inline std::string in_quotes(const std::string& name) { return "\"" + name + "\""; }

}  // namespace eddy::host
