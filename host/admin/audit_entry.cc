// SPDX-License-Identifier: Apache-2.0
#include "admin/audit_entry.h"

#include <algorithm>

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestText = 1000;
constexpr std::size_t kLongestName = 100;
constexpr std::size_t kMostParameters = 16 * 1024;  // bytes of all together
constexpr const char* kLeftOut = "…";

std::string shortened(std::string text, std::size_t longest = kLongestText) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside of a character
  return text.substr(0, end) + kLeftOut;
}

// "/email=…" of "/email=ann@example.com".
std::string without_value(const std::string& match) {
  const std::size_t equals = match.find('=');
  return equals == std::string::npos ? shortened(match) : shortened(match.substr(0, equals + 1)) + kLeftOut;
}

Json recorded(const std::string& key, const Json& value) {
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    return key == "match" ? without_value(text) : shortened(text);
  }
  if (key == "match" && !value.is_array()) return kLeftOut;  // no filter, but a value may be in it
  if (!value.is_structured()) return value;
  Json out = value.is_array() ? Json::array() : Json::object();
  for (const auto& [name, each] : value.items()) {
    if (value.is_array()) {
      out.push_back(recorded(key, each));
    } else {
      out[shortened(name, kLongestName)] = recorded(name, each);
    }
  }
  return out;
}

void add(Json& parameters, const std::string& name, Json value) {
  const std::string key = shortened(name, kLongestName);
  if (!parameters.contains(key)) {
    parameters[key] = std::move(value);
    return;
  }
  Json& known = parameters[key];
  if (!known.is_array()) known = Json::array({std::move(known)});
  known.push_back(std::move(value));
}

// Of parameters beyond the limit nothing is kept, so that nobody fills the log with one request.
Json kept_small(Json parameters) {
  std::size_t size = 0;
  Json kept = Json::object();
  for (auto& [name, value] : parameters.items()) {
    size += name.size() + value.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    if (size > kMostParameters) {
      kept[kLeftOut] = kLeftOut;
      break;
    }
    kept[name] = std::move(value);
  }
  return kept;
}

}  // namespace

AuditEntry audit_entry(const ApiRoute& route, const ApiRequest& request) {
  AuditEntry entry;
  entry.who = request.who.name;
  entry.from = request.from;
  entry.action = route.method + " " + route.path;
  for (const auto& [name, value] : request.parameters) add(entry.parameters, name, recorded(name, value));
  for (const auto& [name, value] : request.query) add(entry.parameters, name, recorded(name, value));
  const auto body = request.json();
  if (!body) return entry;
  for (const auto& [name, value] : body->items()) {
    const bool shown = std::find(route.audited.begin(), route.audited.end(), name) != route.audited.end();
    add(entry.parameters, name, shown ? recorded(name, value) : Json(kLeftOut));
  }
  entry.parameters = kept_small(std::move(entry.parameters));
  return entry;
}

std::string audit_result(const HttpReply& reply) {
  if (!reply.audit.empty()) return shortened(reply.audit);
  if (reply.status < 400) return "";
  const Json body = Json::parse(reply.body, nullptr, false);
  const bool told = body.is_object() && body.contains("error") && body["error"].is_string();
  return told ? shortened(body["error"].get<std::string>()) : "";
}

}  // namespace eddy::host
