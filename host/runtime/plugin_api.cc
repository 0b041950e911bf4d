// SPDX-License-Identifier: Apache-2.0
#include "runtime/plugin_api.h"

#include "admin/schema.h"
#include "base/encoding.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json signer_json(const Signer& signer) {
  if (signer.key.empty()) return nullptr;
  return {{"key", signer.key}, {"name", signer.name}, {"comment", signer.comment}};
}

Json held_json(const std::optional<PluginRecord::Held>& held) {
  if (!held) return nullptr;
  return {{"since", to_rfc3339(held->since_us)},
          {"until", held->until_us ? Json(to_rfc3339(*held->until_us)) : Json()},
          {"faults", held->faults}};
}

Json canary_json(const std::optional<CanaryState>& canary) {
  if (!canary) return nullptr;
  return {{"stage", canary->live ? "live" : "trial"}, {"version", canary->version}, {"sha256", canary->sha256},
          {"since", to_rfc3339(canary->since_us)},    {"calls", canary->calls},     {"broken", canary->broken}};
}

Json history_json(const std::deque<PluginEvent>& events) {
  Json history = Json::array();
  for (const PluginEvent& event : events) {
    history.push_back({{"at", to_rfc3339(event.at_us)},
                       {"event", event.what},
                       {"version", text_or_null(event.version)},
                       {"sha256", text_or_null(event.sha256)},
                       {"reason", text_or_null(event.reason)}});
  }
  return history;
}

Json plugin_json(const PluginRecord& plugin) {
  const PluginIdentity& identity = plugin.status.identity;
  return {{"name", name_of(plugin.status)},
          {"version", text_or_null(identity.version)},
          {"build_id", text_or_null(identity.build_id)},
          {"sha256", text_or_null(identity.sha256)},
          {"file", plugin.status.file},
          {"state", state_name(plugin.status.state)},
          {"reason", text_or_null(plugin.status.reason)},
          {"signed_by", signer_json(identity.signer)},
          {"generation", plugin.status.generation},
          {"previous_version", text_or_null(plugin.status.previous_version)},
          {"canary", canary_json(plugin.canary)},
          {"quarantine", held_json(plugin.held)},
          {"history", history_json(plugin.history)}};
}

int status_of(Code code) {
  switch (code) {
    case Code::kBadData:
      return 404;
    case Code::kConflict:
      return 409;
    case Code::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

HttpReply plugins_reply(const std::vector<PluginRecord>& plugins) {
  Json list = Json::array();
  for (const PluginRecord& plugin : plugins) list.push_back(plugin_json(plugin));
  return json_reply(200, {{"plugins", std::move(list)}});
}

// What became of a request: 200, 404 no such plugin, 409 not in that state, 503 not now, 500 it was tried and failed.
HttpReply request_reply(const std::string& plugin, const Result<void>& done) {
  if (done) return json_reply(200, {{"plugin", plugin}, {"done", true}});
  return error_reply(status_of(done.error().code), done.error().text);
}

Json plugins_schema() {
  using namespace schema;
  const Json signer = object({{"key", text()}, {"name", text()}, {"comment", text()}});
  const Json canary = object({{"stage", choice({"live", "trial"})},
                              {"version", text()},
                              {"sha256", text()},
                              {"since", time()},
                              {"calls", integer()},
                              {"broken", integer("Calls in which it failed and its predecessor did not.")}});
  const Json held = object(
      {{"since", time()}, {"until", nullable(time("Null: until it is released or replaced."))}, {"faults", integer()}});
  const Json event = object({{"at", time()},
                             {"event", text()},
                             {"version", nullable(text())},
                             {"sha256", nullable(text())},
                             {"reason", nullable(text())}});
  const Json plugin = object({{"name", text()},
                              {"version", nullable(text())},
                              {"build_id", nullable(text())},
                              {"sha256", nullable(text())},
                              {"file", text()},
                              {"state", text()},
                              {"reason", nullable(text("Why it is in that state."))},
                              {"signed_by", nullable(signer)},
                              {"generation", integer("Number of its image, of all that this process has loaded.")},
                              {"previous_version", nullable(text("What a rollback goes to."))},
                              {"canary", nullable(canary)},
                              {"quarantine", nullable(held)},
                              {"history", array(event)}});
  return object({{"plugins", array(plugin)}});
}

ApiRoute order_route(const std::string& order, const std::string& summary, Requests& requests, Request::Kind kind) {
  return {.method = "POST",
          .path = "/api/v1/plugins/{name}/" + order,
          .summary = summary,
          .description = "Answered when what it asked for is what runs.",
          .reply = schema::object({{"plugin", schema::text()}, {"done", schema::boolean()}}),
          .refusals = {404, 409, 500, 503},
          .needs = Right::kOperate,
          .handler = [&requests, kind](const ApiRequest& request) {
            const std::string& plugin = request.parameter("name");
            return request_reply(plugin, requests.ask(kind, plugin));
          }};
}

}  // namespace

void add_plugin_routes(AdminServer& admin, const HostViewBox& view, Requests& requests) {
  admin.route({.path = "/api/v1/plugins",
               .summary = "Plugins: versions, states, and what happened to each lately",
               .reply = plugins_schema(),
               .handler = [&view](const ApiRequest&) { return plugins_reply(view.get()->plugins); }});
  admin.route(order_route("release", "Bring a plugin back from quarantine, or try a build again that was rolled back",
                          requests, Request::Kind::kRelease));
  admin.route(order_route("rollback", "Go back to the version before", requests, Request::Kind::kRollback));
}

}  // namespace eddy::host
