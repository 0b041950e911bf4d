// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>

#include "plugin/manifest_json.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;

// Models by their place in a list; one that is part of another comes before it.
class Models {
 public:
  // Null for none.
  Json place_of(const ModelPtr& model) { return model ? Json(place(*model)) : Json(); }
  Json take() { return std::move(list_); }

 private:
  std::size_t place(const Model& model) {
    if (const auto known = places_.find(&model); known != places_.end()) return known->second;
    Json fields = Json::array();
    for (const ModelField& field : model.fields()) {
      fields.push_back(
          {{"name", field.name}, {"key", field.key}, {"unique", field.unique}, {"type", type(field.type)}});
    }
    list_.push_back({{"name", model.name()}, {"fields", std::move(fields)}});
    return places_[&model] = list_.size() - 1;
  }

  Json type(const ModelType& type_of) {
    Json json{{"kind", type_of.kind}};
    if (type_of.element) json["element"] = type(*type_of.element);
    if (type_of.model) json["model"] = place(*type_of.model);
    if (!type_of.symbols.empty()) json["symbols"] = type_of.symbols;
    return json;
  }

  std::map<const Model*, std::size_t> places_;
  Json list_ = Json::array();
};

Json function(const FunctionDecl& decl, Models& models) {
  return {{"name", decl.name},
          {"kind", decl.kind},
          {"input", decl.input},
          {"source", decl.source},
          {"destination", decl.destination},
          {"queue", decl.dead_letter_queue},
          {"concurrency", decl.concurrency},
          {"input_model", models.place_of(decl.input_model)},
          {"output_model", models.place_of(decl.output_model)},
          {"state", decl.state.save != nullptr ? Json(decl.state.version) : Json()}};
}

}  // namespace

nlohmann::json to_json(const Manifest& manifest) {
  Models models;
  Json json{{"streams", Json::array()},
            {"queues", Json::array()},
            {"tables", Json::array()},
            {"apis", Json::array()},
            {"functions", Json::array()}};
  for (const StreamDecl& decl : manifest.streams) {
    json["streams"].push_back({{"name", decl.name},
                               {"model", models.place_of(decl.model)},
                               {"partitions", decl.partitions},
                               {"retention_days", decl.retention_days},
                               {"queue", decl.dead_letter_queue},
                               {"destination", decl.destination}});
  }
  for (const QueueDecl& decl : manifest.queues) {
    json["queues"].push_back(
        {{"name", decl.name}, {"model", models.place_of(decl.model)}, {"retention_days", decl.retention_days}});
  }
  for (const TableDecl& decl : manifest.tables) {
    json["tables"].push_back({{"name", decl.name}, {"model", models.place_of(decl.model)}});
  }
  for (const IngestApiDecl& decl : manifest.ingest_apis) {
    json["apis"].push_back({{"name", decl.name},
                            {"version", decl.version},
                            {"model", models.place_of(decl.model)},
                            {"destination", decl.destination},
                            {"queue", decl.dead_letter_queue},
                            {"validates", decl.validates}});
  }
  for (const FunctionDecl& decl : manifest.functions) json["functions"].push_back(function(decl, models));
  json["models"] = models.take();
  return json;
}

}  // namespace eddy::host
