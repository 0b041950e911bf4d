// SPDX-License-Identifier: Apache-2.0
#include "admin/openapi.h"

#include <cctype>
#include <map>
#include <set>

#include "admin/schema.h"
#include "http/openapi_security.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

const std::map<int, const char*>& refusal_texts() {
  static const std::map<int, const char*> kTexts = {
      {400, "The request is wrong; the text says what was expected."},
      {401, "Nobody that is known: no token, or one that is not valid."},
      {403, "Known, but without the right; or a page of somebody else's."},
      {404, "There is no such thing."},
      {405, "Another method than those of the path."},
      {409, "It is not in the state that this needs."},
      {413, "The body is too large."},
      {415, "Another content type than application/json."},
      {429, "Too many wrong tokens from this address."},
      {500, "It was tried, and failed."},
      {503, "Not now: something outside is not there, the host ends, or the audit log cannot be written."}};
  return kTexts;
}

Json ref(const std::string& kind, const std::string& name) { return {{"$ref", "#/components/" + kind + "/" + name}}; }

Json refusals() {
  Json all = Json::object();
  for (const auto& [status, text] : refusal_texts()) {
    all[std::to_string(status)] = {{"description", text},
                                   {"content", {{"application/json", {{"schema", ref("schemas", "Error")}}}}}};
  }
  return all;
}

// "get_api_v1_queues_queue_groups": stable, and a name in every language.
std::string operation_id(const ApiRoute& route, std::set<std::string>& taken) {
  std::string id;
  for (const char c : route.method + route.path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      id += static_cast<char>(std::tolower(byte));
    } else if (!id.empty() && id.back() != '_') {
      id += '_';
    }
  }
  if (id.ends_with('_')) id.pop_back();
  const std::string plain = id;
  for (int next = 2; !taken.insert(id).second; ++next) id = plain + "_" + std::to_string(next);
  return id;
}

Json parameters_of(const ApiRoute& route) {
  Json all = Json::array();
  for (std::size_t begin = route.path.find('{'); begin != std::string::npos; begin = route.path.find('{', begin + 1)) {
    const std::string name = route.path.substr(begin + 1, route.path.find('}', begin) - begin - 1);
    all.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const ApiParameter& parameter : route.query) {
    const Json schema = parameter.repeatable ? Json{{"type", "array"}, {"items", parameter.schema}} : parameter.schema;
    all.push_back(
        {{"name", parameter.name}, {"in", "query"}, {"description", parameter.description}, {"schema", schema}});
  }
  // What a browser does not send for others' pages without asking.
  if (route.changes() && route.body.is_null()) all.push_back(ref("parameters", "XEddyRequest"));
  return all;
}

std::set<int> statuses_of(const ApiRoute& route) {
  std::set<int> statuses(route.refusals.begin(), route.refusals.end());
  statuses.insert(400);
  if (route.needs) statuses.insert({401, 403, 429});
  if (route.changes() || !route.reveals_by.empty()) statuses.insert(503);
  if (route.changes()) statuses.insert(413);
  if (!route.body.is_null()) statuses.insert(415);
  return statuses;
}

Json responses_of(const ApiRoute& route) {
  const Json schema = route.reply.is_null() ? Json{{"type", "string"}} : route.reply;
  // "text/plain; charset=utf-8" is known by its type alone.
  const std::string type = route.reply_type.substr(0, route.reply_type.find(';'));
  Json content{{type, {{"schema", schema}}}};
  Json all{{"200", {{"description", route.summary + "."}, {"content", content}}}};
  for (const int status : statuses_of(route)) {
    if (status < 300) {  // a job that has begun
      all[std::to_string(status)] = {{"description", "It has begun."}, {"content", content}};
      continue;
    }
    // A route that is not JSON answers in its own way, as /readyz does.
    const bool own = route.reply.is_null() && status == 503 && !route.changes();
    all[std::to_string(status)] = own ? Json{{"description", "Not ready; a reason a line."}, {"content", content}}
                                      : ref("responses", std::to_string(status));
  }
  return all;
}

Json operation_of(const ApiRoute& route, bool closed, std::set<std::string>& ids) {
  Json operation{{"operationId", operation_id(route, ids)}, {"summary", route.summary}};
  std::string description = route.description;
  if (route.needs) {
    description += (description.empty() ? "" : " ") + std::string("Needs the right `") +
                   std::string(right_name(*route.needs)) + "`";
    if (!route.reveals_by.empty()) description += ", and `reveal` with `" + route.reveals_by + "=true`";
    description += ".";
  }
  if (!description.empty()) operation["description"] = description;
  if (Json parameters = parameters_of(route); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.body.is_null()) {
    operation["requestBody"] = {{"description", "At most " + std::to_string(route.max_body) + " bytes."},
                                {"required", route.body.contains("required")},
                                {"content", {{"application/json", {{"schema", route.body}}}}}};
  }
  operation["responses"] = responses_of(route);
  if (closed && !route.needs) operation["security"] = Json::array();
  operation["x-eddy-right"] = route.needs ? Json(right_name(*route.needs)) : Json();
  return operation;
}

Json components() {
  return {{"schemas", {{"Error", schema::object({{"error", schema::text("What is wrong.")}})}}},
          {"responses", refusals()},
          {"parameters",
           {{"XEddyRequest",
             {{"name", "X-Eddy-Request"},
              {"in", "header"},
              {"description", "Anything; or send Content-Type: application/json. Pages of others can do neither."},
              {"schema", {{"type", "string"}}}}}}}};
}

}  // namespace

std::string admin_openapi(const RouteTable& table, const AdminAuthority* authority, std::string_view version) {
  Json document{{"openapi", "3.1.0"},
                {"info",
                 {{"title", "Eddy admin"},
                  {"version", version},
                  {"description", "What the command line and the console do, for everybody else."}}},
                {"servers", Json::array({{{"url", "/"}}})}};
  Json parts = components();
  const OpenApiSecurity security = authority != nullptr
                                       ? OpenApiSecurity{authority->has_tokens(), false, authority->certificates()}
                                       : OpenApiSecurity{};
  Json schemes = security_schemes(security);
  const bool closed = !schemes.empty();
  if (closed) {
    parts["securitySchemes"] = std::move(schemes);
    document["security"] = security_ways(security);
  }
  std::set<std::string> ids;
  Json paths = Json::object();
  for (const ApiRoutePtr& route : table.documented()) {
    std::string method = route->method;
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    paths[route->path][method] = operation_of(*route, closed, ids);
  }
  document["paths"] = std::move(paths);
  document["components"] = std::move(parts);
  return document.dump(2);
}

}  // namespace eddy::host
