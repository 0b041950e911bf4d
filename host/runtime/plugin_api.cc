// SPDX-License-Identifier: Apache-2.0
#include "runtime/plugin_api.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

HttpReply reply(int status, const Json& json) {
  return {status, "application/json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

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

}  // namespace

HttpReply plugins_reply(const std::vector<PluginRecord>& plugins) {
  Json list = Json::array();
  for (const PluginRecord& plugin : plugins) list.push_back(plugin_json(plugin));
  return reply(200, {{"plugins", std::move(list)}});
}

HttpReply request_reply(const std::string& plugin, const Result<void>& done) {
  if (done) return reply(200, {{"plugin", plugin}, {"done", true}});
  return reply(status_of(done.error().code), {{"error", done.error().text}});
}

}  // namespace eddy::host
