// SPDX-License-Identifier: Apache-2.0
#include "redrive/redrive.h"

#include <array>

#include "base/encoding.h"
#include "triage/letter_filter.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kStateNames = {"running", "paused", "stopped", "cancelled", "done"};

Json time_or_null(std::int64_t at_us) { return at_us == 0 ? Json() : Json(to_rfc3339(at_us)); }
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::int64_t read_time(const Json& json) {
  return json.is_string() ? from_rfc3339(json.get<std::string>()).value_or(0) : 0;
}
std::string read_text(const Json& json) { return json.is_string() ? json.get<std::string>() : std::string(); }

}  // namespace

std::string_view name_of(RedriveState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<RedriveState> redrive_state(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<RedriveState>(i);
  }
  return std::nullopt;
}

Json to_json(const RedriveStatus& status) {
  const RedriveSpec& spec = status.spec;
  const RedriveCounts& counts = status.counts;
  const std::uint64_t known = counts.recovered + counts.failed_again;
  return {
      {"id", spec.id},
      {"queue", spec.queue},
      {"to", text_or_null(spec.to)},
      {"state", name_of(status.state)},
      {"reason", text_or_null(status.reason)},
      {"trouble", text_or_null(status.trouble)},
      {"by", spec.by},
      {"filter", without_values(spec.filter)},
      {"rate", spec.rate},
      {"max_refailure_ratio", spec.max_refailure_ratio},
      {"over_budget", spec.over_budget},
      {"created_at", to_rfc3339(spec.created_us)},
      {"ended_at", time_or_null(status.ended_us)},
      {"selected", counts.selected},
      {"sent", counts.sent},
      {"left_out", counts.left_out},
      {"left_out_reasons", Json(status.left_out)},
      {"recovered", counts.recovered},
      {"failed_again", counts.failed_again},
      {"in_flight", spec.to.empty() ? counts.in_flight() : 0},
      {"success_ratio", known == 0 ? Json() : Json(static_cast<double>(counts.recovered) / static_cast<double>(known))},
      {"forgiven", {{"recovered", status.forgiven_recovered}, {"failed_again", status.forgiven_failed}}},
      {"failure_queues", Json(status.failure_queues)}};
}

Result<RedriveStatus> read_redrive(const Json& json) {
  try {
    RedriveStatus status;
    RedriveSpec& spec = status.spec;
    spec.id = json.at("id");
    spec.queue = json.at("queue");
    spec.to = read_text(json.at("to"));
    spec.by = json.at("by");
    spec.filter = json.at("filter");
    spec.rate = json.at("rate");
    spec.max_refailure_ratio = json.at("max_refailure_ratio");
    spec.over_budget = json.at("over_budget");
    spec.created_us = read_time(json.at("created_at"));
    const auto state = redrive_state(json.at("state").get<std::string>());
    if (!state) return Error{Code::kCorrupt, "unknown state " + json.at("state").dump()};
    status.state = *state;
    status.reason = read_text(json.at("reason"));
    status.ended_us = read_time(json.at("ended_at"));
    status.counts = {json.at("selected"), json.at("sent"), json.at("left_out"), json.at("recovered"),
                     json.at("failed_again")};
    status.left_out = json.at("left_out_reasons").get<std::map<std::string, std::uint64_t>>();
    status.forgiven_recovered = json.at("forgiven").at("recovered");
    status.forgiven_failed = json.at("forgiven").at("failed_again");
    status.failure_queues = json.value("failure_queues", status.failure_queues);
    return status;
  } catch (const nlohmann::json::exception& error) {
    return Error{Code::kCorrupt, error.what()};
  }
}

}  // namespace eddy::host
