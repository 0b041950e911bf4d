// SPDX-License-Identifier: Apache-2.0
#include "triage/listing_json.h"

#include <numeric>

#include "base/encoding.h"
#include "triage/bytes_json.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(std::int64_t us) { return us == 0 ? Json() : Json(to_rfc3339(us)); }
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json text_or_null(std::string_view text) { return text_or_null(std::string(text)); }

Json by_state(const CountsByState& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) json[std::string(name_of(static_cast<LetterState>(i)))] = counts[i];
  return json;
}

Json origin_of(const LetterRow& letter) {
  if (letter.origin_offset < 0) return {{"route", letter.route}};
  return {{"stream", letter.origin_stream}, {"partition", letter.origin_partition}, {"offset", letter.origin_offset}};
}

Json state_json(const LetterStateRecord& state) {
  return {{"at", to_rfc3339(state.at_us)},
          {"by", text_or_null(state.by)},
          {"reason", text_or_null(state.reason)},
          {"redrive", text_or_null(state.redrive)},
          {"recovery_ms", state.recovery_us < 0 ? Json() : Json(state.recovery_us / 1000)}};
}

Json first_failure_json(const DeadLetter& letter) {
  if (letter.hops == 0) return nullptr;
  return {{"function", letter.first_function},
          {"error_type", letter.first_error_type},
          {"error_message", letter.first_error_message},
          {"failed_at", time_or_null(letter.first_failed_at_us)}};
}

}  // namespace

Json to_json(const QueueSummary& queue) {
  Json json{{"queue", queue.queue},
            {"letters", std::accumulate(queue.letters.begin(), queue.letters.end(), std::uint64_t{0})}};
  json.update(by_state(queue.letters));
  json["groups"] = queue.groups;
  json["first_seen"] = time_or_null(queue.first_us);
  json["last_seen"] = time_or_null(queue.last_us);
  json["oldest_open"] = time_or_null(queue.oldest_open_us);
  return json;
}

Json to_json(const LetterGroup& group) {
  Json builds = Json::array();
  for (const PluginBuild& build : group.builds) {
    builds.push_back(
        {{"plugin", build.plugin}, {"version", build.version}, {"build_id", text_or_null(build.build_id)}});
  }
  const auto mean_ms = [&] { return group.recovery_us / 1000 / static_cast<std::int64_t>(group.recoveries); };
  return {{"group", group.fingerprint},
          {"queue", group.queue},
          {"count", group.count},
          {"letters", by_state(group.letters)},
          {"error_type", group.error_type},
          {"error_message", group.error_message},
          {"source", group.source},
          {"functions", group.functions},
          {"builds", std::move(builds)},
          {"first_seen", to_rfc3339(group.first_us)},
          {"last_seen", to_rfc3339(group.last_us)},
          {"per_minute", group.per_minute},
          {"half_hours", group.slots},
          {"refailures", group.refailures},
          {"recoveries", group.recoveries},
          {"mean_recovery_ms", group.recoveries == 0 ? Json() : Json(mean_ms())},
          {"samples", group.samples}};
}

Json to_json(const LetterRow& letter) {
  return {{"id", letter.place.id},
          {"queue", letter.queue},
          {"stream", letter.place.queue},
          {"partition", letter.place.partition},
          {"offset", letter.place.offset},
          {"state", name_of(letter.state)},
          {"fingerprint", letter.fingerprint},
          {"error_type", letter.error_type},
          {"error_message", letter.error_message},
          {"source", letter.source},
          {"function", letter.function},
          {"plugin",
           {{"name", letter.plugin},
            {"version", text_or_null(letter.plugin_version)},
            {"build_id", text_or_null(letter.plugin_build_id)}}},
          {"origin", origin_of(letter)},
          {"failed_at", to_rfc3339(letter.failed_us)},
          {"first_failed_at", to_rfc3339(letter.first_failed_us)},
          {"attempts", letter.attempts},
          {"hops", letter.place.hops},
          {"size", letter.size},
          {"truncated", letter.truncated},
          {"digest", letter.digest},
          {"edited_from", text_or_null(letter.edited_from)}};
}

Json to_json(const GroupPage& page) {
  Json groups = Json::array();
  for (const LetterGroup& group : page.groups) groups.push_back(to_json(group));
  return {{"groups", std::move(groups)}, {"total", page.total}, {"next", text_or_null(page.next)}};
}

Json to_json(const LetterPage& page) {
  Json letters = Json::array();
  for (const LetterRow& letter : page.letters) letters.push_back(to_json(letter));
  return {{"letters", std::move(letters)}, {"next", text_or_null(page.next)}};
}

Json whole_letter_json(const LetterRow& row, const FetchedLetter& fetched,
                       const std::optional<LetterStateRecord>& state, const Mask& mask) {
  const DeadLetter& letter = *fetched.letter;
  const auto text = [&](std::string_view shown) {
    return mask.hides() ? mask.text_of(letter, shown) : std::string(shown);
  };
  const auto bytes = [&](const Bytes& shown) {
    return shown.null() || !mask.hides() ? json_of(shown) : json_of(Bytes(text(shown.view())));
  };
  Json json = to_json(row);
  json["error_message"] = text(letter.error_message);  // the index has the beginning of a long one
  json["plugin"]["sha256"] = text_or_null(letter.plugin_sha256);
  if (letter.origin_offset < 0) {
    json["origin"]["request_id"] = text_or_null(letter.request_id);
    json["origin"]["index"] = letter.origin_index;
  }
  json["origin"]["timestamp"] = time_or_null(letter.origin_timestamp_us);
  json["closed"] = state ? state_json(*state) : Json();
  json["returned_by"] = text_or_null(letter.returned_by);
  json["first_failure"] = first_failure_json(letter);
  if (letter.hops != 0) json["first_failure"]["error_message"] = text(letter.first_error_message);
  json["fault"] = fault_json(letter);
  json["key"] = bytes(letter.key);
  json["headers"] = Json::array();
  for (const Header& header : letter.headers) {
    json["headers"].push_back({{"name", json_of(header.name)}, {"value", bytes(header.value)}});
  }
  const bool hidden = mask.hides() && !letter.original.null();
  json["original"] = hidden ? Json(mask.original(letter.original)) : json_of(letter.original);
  json["masked"] = mask.hides();
  json["gone_at"] = time_or_null(fetched.gone_us);
  return json;
}

Json fault_json(const DeadLetter& letter) {
  if (letter.fault_json.empty()) return nullptr;
  Json fault = Json::parse(letter.fault_json, nullptr, false);
  return fault.is_discarded() ? Json(letter.fault_json) : fault;
}

}  // namespace eddy::host
