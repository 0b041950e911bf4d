// SPDX-License-Identifier: Apache-2.0
#include "triage/letter_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/encoding.h"
#include "dead_letter/queue_names.h"
#include "dead_letter/text.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNames[] = {"group", "type", "since", "until", "match", "where", "function", "state"};

Error wrong(std::string_view name, std::string_view value, std::string_view expected) {
  return {Code::kUsage, fmt::format("{} '{}': expected {}", name, value, expected)};
}

// Microseconds of "90s", "15m", "2h", "3d", "1w".
std::optional<std::int64_t> duration_of(std::string_view text) {
  constexpr std::pair<char, std::int64_t> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}};
  constexpr std::int64_t kMost = 1'000'000;  // of any unit
  if (text.size() < 2) return std::nullopt;
  const auto count = parse_integer<std::int64_t>(text.substr(0, text.size() - 1));
  if (!count || *count < 0 || *count > kMost) return std::nullopt;
  for (const auto& [letter, seconds] : kUnits) {
    if (text.back() == letter) return *count * seconds * 1'000'000;
  }
  return std::nullopt;
}

// As RFC 6901 has it: "~" only in "~0" and "~1".
bool is_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

// Of "/user/id=42" all but the value, which may be what `redact` hides.
std::string without_value(std::string_view match) {
  const std::size_t equals = match.find('=');
  return equals == std::string_view::npos ? std::string(match) : std::string(match.substr(0, equals + 1)) + "…";
}

}  // namespace

bool LetterFilterReader::knows(std::string_view name) {
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Result<void> LetterFilterReader::add(std::string_view name, std::string_view value) {
  if (!knows(name)) {
    return Error{Code::kUsage, fmt::format("there is no filter '{}': expected group, type, since, until, match, where, "
                                           "function or state",
                                           name)};
  }
  if (name == "since") return add_time(name, value, filter_.since_us);
  if (name == "until") return add_time(name, value, filter_.until_us);
  if (name == "match") return add_match(value);
  if (name == "state") return add_state(value);
  std::string& into = name == "group"   ? filter_.group
                      : name == "type"  ? filter_.type
                      : name == "where" ? filter_.where
                                        : filter_.function;
  into = value;
  return {};
}

Result<void> LetterFilterReader::add_time(std::string_view name, std::string_view value,
                                          std::optional<std::int64_t>& into) {
  if (const auto time = from_rfc3339(value)) {
    into = time;
  } else if (const auto ago = duration_of(value)) {
    into = now_us_ - *ago;
  } else {
    return wrong(name, value, "a time as 2026-01-31T12:00:00Z, or how long ago it was: 90s, 15m, 2h, 3d, 1w");
  }
  return {};
}

Result<void> LetterFilterReader::add_match(std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || !is_pointer(value.substr(0, equals)))
    return wrong("match", without_value(value), "a JSON pointer, '=' and a value, as /user/id=42");
  filter_.match.push_back({std::string(value.substr(0, equals)), std::string(value.substr(equals + 1))});
  return {};
}

Result<void> LetterFilterReader::add_state(std::string_view value) {
  const auto state = letter_state(value);
  if (!state && value != "all") return wrong("state", value, "open, recovered, redriven, discarded, parked or all");
  if (!states_given_) filter_.states.reset();
  states_given_ = true;
  state ? filter_.states.set(static_cast<std::size_t>(*state)) : filter_.states.set();
  return {};
}

Result<void> LetterFilterReader::add(const Json& object) {
  if (!object.is_object())
    return Error{Code::kUsage, "filter: expected an object, as {\"group\": \"…\", \"since\": \"2h\"}"};
  for (const auto& [name, value] : object.items()) {
    const bool list = value.is_array() && (name == "match" || name == "state");
    for (const Json& one : list ? value : Json::array({value})) {
      if (!one.is_string()) {
        const std::string found = name == "match" ? one.type_name() : one.dump();
        return wrong(name, found, "a string" + std::string(list ? "s in the list" : ""));
      }
      EDDY_TRY(add(name, one.get_ref<const std::string&>()));
    }
  }
  return {};
}

void resolve_parked(std::string& queue, LetterFilter& filter) {
  if (!queue.ends_with(kParkedSuffix)) return;
  queue.resize(queue.size() - std::string_view(kParkedSuffix).size());
  if (filter.states == LetterFilter().states) {
    filter.states.reset().set(static_cast<std::size_t>(LetterState::kParked));
  }
}

Json to_json(const LetterFilter& filter) {
  Json json = Json::object();
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("group", filter.group);
  add("type", filter.type);
  if (filter.since_us) json["since"] = to_rfc3339(*filter.since_us);
  if (filter.until_us) json["until"] = to_rfc3339(*filter.until_us);
  for (const PointerMatch& match : filter.match) json["match"].push_back(match.pointer + "=" + match.value);
  add("where", filter.where);
  add("function", filter.function);
  for (std::size_t i = 0; i < filter.states.size(); ++i) {
    if (filter.states.test(i)) json["state"].push_back(name_of(static_cast<LetterState>(i)));
  }
  return json;
}

Json without_values(Json filter) {
  if (!filter.is_object() || !filter.contains("match") || !filter["match"].is_array()) return filter;
  for (Json& match : filter["match"]) match = match.is_string() ? without_value(match.get_ref<std::string&>()) : "…";
  return filter;
}

}  // namespace eddy::host
