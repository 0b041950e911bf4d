// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_options.h"

#include "base/clock.h"
#include "cli/audit.h"

namespace eddy::host {

void add_filter(CLI::App& command, FilterOptions& options) {
  const auto option = [&command](const char* name, auto& into, const char* text) {
    return command.add_option(name, into, text)->group("Which letters");
  };
  option("--group", options.group, "Of this cause (the fingerprint that `eddy dlq groups` shows)");
  option("--type", options.type, "Whose error type matches this glob");
  option("--since", options.since, "That failed at or after this time: RFC 3339, or how long ago (15m, 2h, 3d)");
  option("--until", options.until, "That failed before this time");
  option("--match", options.match, "Whose original has this value: '/pointer=value'; may be repeated");
  option("--where", options.where, "That this SQL expression over the index is true for");
  option("--function", options.function, "That failed in this function");
  option("--state", options.states,
         "In this state: open (default), recovered, redriven, discarded, parked or all; may be repeated");
}

Result<LetterFilter> filter_of(const FilterOptions& options) {
  LetterFilterReader reader(SystemClock().now_us());
  const std::pair<const char*, const std::string*> single[] = {
      {"group", &options.group}, {"type", &options.type},   {"since", &options.since},
      {"until", &options.until}, {"where", &options.where}, {"function", &options.function}};
  for (const auto& [name, value] : single) {
    if (!value->empty()) EDDY_TRY(reader.add(name, *value));
  }
  for (const std::string& match : options.match) EDDY_TRY(reader.add("match", match));
  for (const std::string& state : options.states) EDDY_TRY(reader.add("state", state));
  LetterFilter filter = reader.filter();
  filter.reveal = options.reveal;
  return filter;
}

void add_reveal(CLI::App& command, FilterOptions& options) {
  command.add_flag("--reveal", options.reveal, "Let --match look at what redact hides; noted in the audit log");
}

Result<void> note_match(const FilterOptions& options, const Settings& settings, const std::string& action,
                        const std::string& queue) {
  if (!options.reveal || options.match.empty()) return {};
  Json pointers = Json::array();
  for (const std::string& match : options.match) pointers.push_back(match.substr(0, match.find('=')));
  return note_reveal(settings, action, {{"queue", queue}, {"match", std::move(pointers)}});
}

Result<Json> filter_json(const FilterOptions& options) {
  EDDY_ASSIGN(const LetterFilter filter, filter_of(options));
  return to_json(filter);
}

}  // namespace eddy::host
