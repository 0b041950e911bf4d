// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage_schemas.h"

#include "admin/schema.h"

namespace eddy::host::triage_schemas {

namespace {

using namespace schema;
using Properties = std::vector<std::pair<std::string, Json>>;

const char* const kBytes = "A string when the bytes are UTF-8, else {\"base64\": …}; null for null.";

Json states() {
  return object({{"open", integer()},
                 {"recovered", integer()},
                 {"redriven", integer()},
                 {"discarded", integer()},
                 {"parked", integer()}});
}

Json next() { return nullable(text("What `after` of the next page is; null: there is none.")); }

Json group() {
  const Json build = object({{"plugin", text()}, {"version", text()}, {"build_id", nullable(text())}});
  return object({{"group", text("The fingerprint of the cause.")},
                 {"queue", text()},
                 {"count", integer("Letters that meet the filter, its states included.")},
                 {"letters", states()},
                 {"error_type", text()},
                 {"error_message", text("Of one letter.")},
                 {"source", text()},
                 {"functions", array(text())},
                 {"builds", array(build)},
                 {"first_seen", time()},
                 {"last_seen", time()},
                 {"per_minute", number("Letters, over the last half hour and the current one.")},
                 {"half_hours", array(integer(), "Letters in each of the last 48, the current one last.")},
                 {"refailures", integer("Failures after the first.")},
                 {"recoveries", integer("Recovered letters of which the time to recovery is known.")},
                 {"mean_recovery_ms", nullable(number())},
                 {"samples", array(text(), "Ids of letters: the oldest and the newest.")}});
}

Properties letter_properties() {
  const Json plugin = any("name, version, build_id; of a whole letter sha256 too.");
  return {{"id", text()},
          {"queue", text()},
          {"stream", text("Where it stands: the queue, or its parked one.")},
          {"partition", integer()},
          {"offset", integer()},
          {"state", choice({"open", "recovered", "redriven", "discarded", "parked"})},
          {"fingerprint", text()},
          {"error_type", text()},
          {"error_message", text()},
          {"source", text()},
          {"function", text()},
          {"plugin", plugin},
          {"origin", any("stream, partition, offset; or of an API its route.")},
          {"failed_at", time()},
          {"first_failed_at", time()},
          {"attempts", integer()},
          {"hops", integer("Failures after the first.")},
          {"size", integer("Of the record, in bytes.")},
          {"truncated", boolean("It points at where the original is.")},
          {"digest", text()},
          {"edited_from", nullable(text("The letter that this is a corrected copy of."))}};
}

}  // namespace

Json queues() {
  const Json queue = object({{"queue", text()},
                             {"letters", integer("All that are held.")},
                             {"open", integer()},
                             {"recovered", integer()},
                             {"redriven", integer()},
                             {"discarded", integer()},
                             {"parked", integer()},
                             {"groups", integer("Causes.")},
                             {"first_seen", nullable(time())},
                             {"last_seen", nullable(time())},
                             {"oldest_open", nullable(time())},
                             {"waiting", integer("What functions over the queue have still to pass.")}});
  return object({{"queues", array(queue)}});
}

Json groups() {
  return object({{"groups", array(group(), "Most letters first.")},
                 {"total", integer("Groups on all pages.")},
                 {"next", next()}});
}

Json letters() { return object({{"letters", array(object(letter_properties()), "Newest first.")}, {"next", next()}}); }

Json letter() {
  Properties properties = letter_properties();
  const Json closed = object({{"at", time()},
                              {"by", nullable(text())},
                              {"reason", nullable(text())},
                              {"redrive", nullable(text())},
                              {"recovery_ms", nullable(integer())}});
  const Json first = object(
      {{"function", text()}, {"error_type", text()}, {"error_message", text()}, {"failed_at", nullable(time())}});
  const Json header = object({{"name", any(kBytes)}, {"value", any(kBytes)}});
  const Properties more = {{"closed", nullable(closed)},
                           {"returned_by", nullable(text("The function over the queue that failed on it last."))},
                           {"first_failure", nullable(first)},
                           {"fault", any("Signal, address and frames; null: there was none.")},
                           {"key", any(kBytes)},
                           {"headers", array(header)},
                           {"original", any(kBytes)},
                           {"masked", boolean("What `redact` names is hidden.")},
                           {"gone_at", nullable(text("It had left its queue by then, and this is the copy that the "
                                                     "triage index keeps of some letters; null: it stands there."))}};
  properties.insert(properties.end(), more.begin(), more.end());
  return object(properties);
}

Json discard_body() {
  return body({{"filter", any("As in the query of the listings: group, type, since, until, match, where, function, "
                              "state. Without it: all open letters.")},
               {"reason", text("Shown with each letter.")},
               {"dry_run", boolean("Say which, and do nothing.")}},
              {"reason"});
}

Json discard() {
  return object({{"queue", text()},
                 {"filter", any("As it was understood; times are absolute.")},
                 {"reason", text()},
                 {"selected", integer()},
                 {"groups", array(group(), "The largest of what was selected.")},
                 {"dry_run", boolean()},
                 {"discarded", integer()}});
}

std::vector<ApiParameter> filter_and_page() {
  return {{.name = "group", .description = "Of this cause: its fingerprint."},
          {.name = "type", .description = "Whose error type matches this glob: * ? [abc]."},
          {.name = "since", .description = "Failed at or after: RFC 3339, or how long ago (15m, 2h, 3d)."},
          {.name = "until", .description = "Failed before."},
          {.name = "match", .description = "The original has this value: /pointer=value.", .repeatable = true},
          {.name = "where", .description = "An SQL expression over the view `letters` of the triage index."},
          {.name = "function", .description = "That failed in this function."},
          {.name = "state",
           .description = "open (if none is given), recovered, redriven, discarded, parked or all.",
           .repeatable = true},
          {.name = "reveal", .description = "Let `match` look at what `redact` hides.", .schema = boolean()},
          {.name = "limit", .description = "How many.", .schema = {{"type", "integer"}}},
          {.name = "after", .description = "`next` of the page before."}};
}

}  // namespace eddy::host::triage_schemas
