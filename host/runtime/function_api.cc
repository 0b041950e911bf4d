// SPDX-License-Identifier: Apache-2.0
#include "runtime/function_api.h"

#include "admin/schema.h"
#include "runtime/listings.h"
#include "runtime/topology_json.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

Json functions_json(const HostView& view, Transport& transport) {
  Json list = list_functions(view.topology, transport);
  for (Json& function : list) {
    const std::string name = function["function"].get<std::string>();
    const auto& image = view.topology.functions.at(name).image;
    const auto breaker = view.breakers.find(name);
    function["plugin_version"] = image->identity.version;
    function["runs"] = breaker != view.breakers.end();
    function["breaker"] = breaker_name(breaker != view.breakers.end() ? breaker->second : 0);
  }
  return list;
}

Json functions_schema() {
  using namespace schema;
  const Json function = object({{"function", text()},
                                {"kind", choice({"consumer", "transform", "multi-transform"})},
                                {"source", text("The stream or queue that it reads.")},
                                {"destination", text("Empty: none.")},
                                {"dead_letter_queue", text()},
                                {"plugin", text()},
                                {"delivered", integer("Records, for ever.")},
                                {"filtered", integer()},
                                {"dead_lettered", integer()},
                                {"lag", integer("Records of the source that have not ended.")},
                                {"retrying", integer("Of these, or in the retry stream: waiting for another attempt.")},
                                {"plugin_version", text()},
                                {"runs", boolean("False: declared, and not running; /api/v1/overview says why.")},
                                {"breaker", choice({"closed", "half-open", "open"})}});
  return object({{"functions", array(function)}});
}

}  // namespace

std::string_view breaker_name(int state) { return state == 0 ? "closed" : state == 1 ? "half-open" : "open"; }

void add_function_routes(AdminServer& admin, const WhatRuns& parts) {
  admin.route({.path = "/api/v1/functions",
               .summary = "Functions: what they read and write, how far they are, and their breakers",
               .reply = functions_schema(),
               .handler = [&view = parts.view, &transport = parts.transport](const ApiRequest&) {
                 return json_reply(200, {{"functions", functions_json(*view.get(), transport)}});
               }});
  admin.route(
      {.path = "/api/v1/topology",
       .summary = "What feeds what: ingest APIs, streams, functions, queues, tables",
       .reply = topology_schema(),
       .handler = [&view = parts.view](const ApiRequest&) { return json_reply(200, topology_json(*view.get())); }});
}

}  // namespace eddy::host
