// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "plugin/declared_models.h"
#include "plugin/manifest_json.h"
#include "plugin/registrar.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;

// Where the functions seem to be, so that the check for functions outside of the plugin's code has something to find.
constexpr CodeRange kNowhere{.begin = 4096, .end = 4097};

// What stands in the place of a plugin's functions that are offered, and are elsewhere. Nobody calls them here.
std::uint32_t save_elsewhere(void*, void*, eddy_call*, const eddy_state_writer*) { return EDDY_FAILED; }
std::uint32_t load_elsewhere(void*, void*, eddy_call*, std::uint32_t, eddy_str) { return EDDY_FAILED; }

eddy_state state(const Json& function) {
  if (!member_of(function, "state").is_number_unsigned()) return {};
  return {.struct_size = sizeof(eddy_state),
          .version = number_in(function, "state"),
          .save = save_elsewhere,
          .load = load_elsewhere};
}

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json), models_(list_in(json, "models")) {}

  Result<Manifest> read() {
    for (const Json& from : list_in(json_, "streams")) stream(from);
    for (const Json& from : list_in(json_, "queues")) queue(from);
    for (const Json& from : list_in(json_, "tables")) table(from);
    for (const Json& from : list_in(json_, "apis")) api(from);
    for (const Json& from : list_in(json_, "functions")) function(from);
    if (!registrar_.problems().empty()) return Error{Code::kBadData, registrar_.problems().front()};
    Manifest& manifest = registrar_.manifest();
    for (std::size_t i = 0; i < manifest.functions.size(); ++i) {
      manifest.functions[i].code = {};
      manifest.functions[i].state = state(list_in(json_, "functions")[i]);
    }
    for (std::size_t i = 0; i < manifest.ingest_apis.size(); ++i) {
      manifest.ingest_apis[i].validates = member_of(list_in(json_, "apis")[i], "validates") == Json(true);
    }
    manifest.models.clear();  // they are known by declarations, which end with this reader
    return std::move(manifest);
  }

 private:
  template <typename Decl>
  static Decl empty() {
    Decl decl{};
    decl.struct_size = sizeof decl;
    return decl;
  }

  void stream(const Json& from) {
    auto decl = empty<eddy_stream_decl>();
    decl.name = models_.text(from, "name");
    decl.model = models_.at(member_of(from, "model"));
    decl.partitions = number_in(from, "partitions");
    decl.retention_days = number_in(from, "retention_days");
    decl.dead_letter_queue = models_.text(from, "queue");
    decl.destination = models_.text(from, "destination");
    Registrar::table().stream(registrar_.handle(), &decl);
  }
  void queue(const Json& from) {
    auto decl = empty<eddy_queue_decl>();
    decl.name = models_.text(from, "name");
    decl.model = models_.at(member_of(from, "model"));
    decl.retention_days = number_in(from, "retention_days");
    Registrar::table().queue(registrar_.handle(), &decl);
  }
  void table(const Json& from) {
    auto decl = empty<eddy_table_decl>();
    decl.name = models_.text(from, "name");
    decl.model = models_.at(member_of(from, "model"));
    Registrar::table().table(registrar_.handle(), &decl);
  }
  void api(const Json& from) {
    auto decl = empty<eddy_ingest_api_decl>();
    decl.name = models_.text(from, "name");
    decl.version = models_.text(from, "version");
    decl.model = models_.at(member_of(from, "model"));
    decl.destination = models_.text(from, "destination");
    decl.dead_letter_queue = models_.text(from, "queue");
    Registrar::table().ingest_api(registrar_.handle(), &decl);
  }
  void function(const Json& from) {
    auto decl = empty<eddy_function_decl>();
    decl.name = models_.text(from, "name");
    decl.kind = number_in(from, "kind");
    decl.input = number_in(from, "input");
    decl.concurrency = number_in(from, "concurrency");
    decl.source = models_.text(from, "source");
    decl.destination = models_.text(from, "destination");
    decl.dead_letter_queue = models_.text(from, "queue");
    decl.input_model = models_.at(member_of(from, "input_model"));
    decl.output_model = models_.at(member_of(from, "output_model"));
    decl.process = reinterpret_cast<decltype(decl.process)>(kNowhere.begin);
    Registrar::table().function(registrar_.handle(), &decl);
  }

  const Json& json_;
  DeclaredModels models_;
  Registrar registrar_{kNowhere};
};

}  // namespace

Result<Manifest> manifest_from_json(const nlohmann::json& json) { return Reader(json).read(); }

}  // namespace eddy::host
