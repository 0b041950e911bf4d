// SPDX-License-Identifier: Apache-2.0
#include "webhook/outbox_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace eddy::host::webhook {
namespace {

constexpr std::pair<const char*, std::string Notice::*> kTexts[] = {
    {"id", &Notice::id},
    {"event", &Notice::event},
    {"queue", &Notice::queue},
    {"fingerprint", &Notice::fingerprint},
    {"error_type", &Notice::error_type},
    {"error_message", &Notice::error_message},
    {"function", &Notice::function},
    {"plugin", &Notice::plugin},
    {"plugin_version", &Notice::plugin_version},
    {"letter", &Notice::letter},
};

}  // namespace

nlohmann::json waiting_to_json(const Waiting& waiting) {
  auto json = nlohmann::json::object();
  for (const auto& [webhook, notices] : waiting) {
    if (notices.empty()) continue;
    auto& all = json[webhook] = nlohmann::json::array();
    for (const Notice& notice : notices) {
      nlohmann::json one{{"at_us", notice.at_us}, {"rate", notice.rate}, {"usual", notice.usual}};
      for (const auto& [name, text] : kTexts) one[name] = notice.*text;
      all.push_back(std::move(one));
    }
  }
  return json;
}

Waiting waiting_from_json(const nlohmann::json& json) {
  Waiting waiting;
  for (const auto& [webhook, notices] : json.items()) {
    for (const auto& one : notices) {
      Notice& notice = waiting[webhook].emplace_back();
      one.at("at_us").get_to(notice.at_us);
      one.at("rate").get_to(notice.rate);
      one.at("usual").get_to(notice.usual);
      for (const auto& [name, text] : kTexts) one.at(name).get_to(notice.*text);
    }
  }
  return waiting;
}

}  // namespace eddy::host::webhook
