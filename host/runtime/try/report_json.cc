// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/report_json.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

Json known_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json cause_json(const TryCause& cause) {
  return {{"group", cause.fingerprint},
          {"error_type", cause.error_type},
          {"error_message", cause.error_message},
          {"count", cause.letters},
          {"sample", cause.sample_id}};
}

Json diffs_json(const std::vector<TryDiff>& diffs) {
  Json list = Json::array();
  for (const TryDiff& diff : diffs) list.push_back({{"record", diff.record}, {"diff", diff.text}});
  return list;
}

Json group_json(const TryGroup& group) {
  Json causes = Json::array(), reasons = Json::array();
  for (const auto& [fingerprint, cause] : group.other_causes) causes.push_back(cause_json(cause));
  for (const auto& [reason, count] : group.not_tried) reasons.push_back({{"reason", reason}, {"count", count}});
  return {{"group", known_or_null(group.fingerprint)},
          {"function", known_or_null(group.function)},
          {"error_type", known_or_null(group.error_type)},
          {"error_message", known_or_null(group.error_message)},
          {"letters", group.letters},
          {"would_pass", {{"delivered", group.delivered}, {"filtered", group.filtered}}},
          {"still_fails", {{"same_cause", group.same_cause}, {"other_cause", group.other_cause()}}},
          {"other_causes", std::move(causes)},
          {"not_tried", std::move(reasons)},
          {"outputs", {{"compared", group.compared}, {"differ", group.output_differs}}},
          {"diffs", diffs_json(group.diffs)}};
}

Json good_json(const TryGoodRecords& good) {
  Json causes = Json::array();
  for (const TryCause& cause : good.causes) causes.push_back(cause_json(cause));
  return {{"function", good.function},
          {"records", good.records},
          {"same", good.same},
          {"differ", good.differ},
          {"fail", good.failed},
          {"causes", std::move(causes)},
          {"not_compared", known_or_null(good.not_compared)},
          {"unstable", good.unstable},
          {"diffs", diffs_json(good.diffs)}};
}

}  // namespace

Json to_json(const TryReport& report) {
  Json groups = Json::array(), good = Json::array();
  for (const auto& [fingerprint, group] : report.groups) groups.push_back(group_json(group));
  for (const TryGoodRecords& one : report.good_records) good.push_back(good_json(one));
  const PluginIdentity& plugin = report.candidate;
  return {{"queue", report.queue},
          {"plugin",
           {{"name", plugin.name},
            {"version", plugin.version},
            {"build_id", known_or_null(plugin.build_id)},
            {"sha256", plugin.sha256},
            {"file", plugin.file}}},
          {"letters", report.selected},
          {"would_pass", report.passed()},
          {"still_fails", report.failed()},
          {"not_tried", report.untried()},
          {"groups", std::move(groups)},
          {"good_records", std::move(good)},
          {"complete", report.ended}};
}

}  // namespace eddy::host
