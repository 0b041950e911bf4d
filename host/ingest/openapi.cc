// SPDX-License-Identifier: Apache-2.0
#include "ingest/openapi.h"

#include <nlohmann/json.hpp>
#include <set>

#include "http/openapi_security.h"
#include "ingest/json_schema.h"
#include "ingest/openapi_answers.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

// A part of a path may hold braces, which would be a template.
std::string in_path(std::string_view name) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

OpenApiSecurity security_of(const IngestSettings& settings) {
  return {!settings.tokens.empty() || settings.jwt.enabled(), settings.jwt.enabled(),
          settings.tls.enabled() ? settings.tls.client_certificates : ClientCertificates::kNone};
}

Json request_body(const IngestRoute& route, SchemaSet& schemas, std::uint64_t max_bytes) {
  const Json model = schemas.ref(*route.model);
  const std::string example = example_of(*route.model);
  const Json value = Json::parse(example);
  const Json lines{{"schema",
                    {{"type", "string"},
                     {"description", "One JSON object a line, each as " + model["$ref"].get<std::string>() + "."}}},
                   {"example", example + "\n" + example + "\n"}};
  Json choices = Json::array({model});
  choices.push_back({{"type", "array"}, {"items", model}});
  Json document{{"schema", {{"anyOf", std::move(choices)}}},
                {"examples", {{"one", {{"value", value}}}, {"several", {{"value", Json::array({value, value})}}}}}};
  return {{"description", "One record, an array of them, or one a line; at most " + std::to_string(max_bytes) +
                              " bytes, packed and unpacked."},
          {"required", true},
          {"content",
           {{"application/json", std::move(document)}, {"application/x-ndjson", lines}, {"application/jsonl", lines}}}};
}

std::string operation_id(const IngestRoute& route, std::set<std::string>& taken) {
  const std::string plain = "ingest_" + plain_name(route.name);
  std::string id = plain;
  for (int next = 2; !taken.insert(id).second; ++next) id = plain + "_" + std::to_string(next);
  return id;
}

Json post(const IngestRoute& route, const IngestSettings& settings, SchemaSet& schemas, std::set<std::string>& ids) {
  Json refs = Json::object();
  const Json all = answers();
  for (const auto& [status, ignored] : all.items()) refs[status] = {{"$ref", "#/components/responses/" + status}};
  return {
      {"operationId", operation_id(route, ids)},
      {"summary", "Append to the stream " + route.stream},
      {"description", "Each element is a record of " + route.model->name() + ". Those that do not fit become dead " +
                          "letters in the queue " + route.queue + ", one by one; the others go on."},
      {"parameters", parameter_refs()},
      {"requestBody", request_body(route, schemas, settings.max_body_bytes)},
      {"responses", std::move(refs)}};
}

Json describe_itself() {
  return {{"operationId", "openapi"},
          {"summary", "This document"},
          {"responses",
           {{"200",
             {{"description", "OpenAPI 3.1 of all routes."},
              {"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}}},
            {"401", {{"$ref", "#/components/responses/401"}}},
            {"405", {{"$ref", "#/components/responses/405"}}},
            {"429", {{"$ref", "#/components/responses/429"}}}}}};
}

}  // namespace

std::string openapi(const IngestRoutes& routes, const IngestSettings& settings, std::string_view version) {
  SchemaSet schemas("#/components/schemas/");
  add_answer_schemas(schemas);
  std::set<std::string> ids{"openapi"};
  Json paths = Json::object();
  for (const auto& [name, route] : routes) {
    paths["/ingest/" + in_path(name)] = {{"post", post(*route, settings, schemas, ids)}};
  }
  paths["/openapi.json"] = {{"get", describe_itself()}};
  Json components{{"schemas", schemas.take()}, {"responses", answers()}, {"parameters", parameters()}};
  Json schemes = security_schemes(security_of(settings));
  Json document{{"openapi", "3.1.0"},
                {"info",
                 {{"title", "Eddy ingest"},
                  {"version", version},
                  {"description", "Records in; answered with 2xx only when they are durable."}}},
                {"servers", Json::array({{{"url", "/"}}})}};
  if (!schemes.empty()) {
    components["securitySchemes"] = std::move(schemes);
    document["security"] = security_ways(security_of(settings));
  }
  document["paths"] = std::move(paths);
  document["components"] = std::move(components);
  return document.dump();
}

}  // namespace eddy::host
