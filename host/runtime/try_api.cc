// SPDX-License-Identifier: Apache-2.0
#include "runtime/try_api.h"

#include "admin/schema.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "runtime/try/report_json.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kDiffs = 5;  // of each group, when they are asked for

std::string_view name_of(TryStatus::State state) {
  constexpr std::string_view kNames[] = {"running", "done", "failed", "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

Json status_json(const TryStatus& status) {
  return {{"id", status.id},
          {"state", name_of(status.state)},
          {"error", status.error.empty() ? Json() : Json(status.error)},
          {"selected", status.letters},
          {"started_at", to_rfc3339(status.started_us)},
          {"ended_at", status.ended_us == 0 ? Json() : Json(to_rfc3339(status.ended_us))},
          {"report", to_json(status.report)}};
}

Error wrong_member(std::string_view member, std::string_view expected, const Json& found) {
  return Error{Code::kUsage,
               std::string(member) + ": expected " + std::string(expected) + ", found " + found.dump().substr(0, 60)};
}

// What a request's body says, but for the letters.
Result<TryRequest> request_of(const Json& body) {
  TryRequest request;
  for (const auto& [name, value] : body.items()) {
    if (name == "plugin" && value.is_string()) {
      request.plugin = value.get<std::string>();
    } else if (name == "diff" && value.is_boolean()) {
      request.options.diffs = value.get<bool>() ? kDiffs : 0;
    } else if (name == "as_configured" && value.is_boolean()) {
      request.options.as_configured = value.get<bool>();
    } else if (name == "good_records" && value.is_number_unsigned()) {
      request.options.good_records =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(value.get<std::uint64_t>(), 1'000'000));
    } else if (name == "ignore" && value.is_array()) {
      for (const Json& pointer : value) {
        if (!pointer.is_string()) return wrong_member("ignore", "JSON pointers", pointer);
        request.options.ignored.push_back(pointer);
      }
    } else if (name == "plugin") {
      return wrong_member(name, "a path on the host", value);
    } else if (name != "filter" && name != "limit") {
      return wrong_member(name, "plugin, filter, limit, diff, good_records, ignore or as_configured, each of its type",
                          value);
    }
  }
  if (request.plugin.empty()) return Error{Code::kUsage, "plugin: expected a path on the host, found none"};
  return request;
}

// `queue` as the request names it; afterwards the queue whose letters they are.
Result<std::vector<TryLetter>> select(const ApiRequest& request, const Json& body, const OpenIndex& open_index,
                                      std::string& queue) {
  LetterFilterReader reader(SystemClock().now_us());
  if (body.contains("filter")) {
    if (!body["filter"].is_object()) return wrong_member("filter", "an object", body["filter"]);
    EDDY_TRY(reader.add(body["filter"]));
  }
  std::uint64_t limit = 0;
  if (body.contains("limit")) {
    if (!body["limit"].is_number_unsigned()) return wrong_member("limit", "a number of letters", body["limit"]);
    limit = body["limit"];
  }
  LetterFilter filter = reader.filter();
  filter.reveal = request.who.may(Right::kReveal);
  resolve_parked(queue, filter);
  EDDY_ASSIGN(const auto index, open_index());
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, index->catch_up(std::span(&queue, 1)));
  EDDY_ASSIGN(const auto places, index->select(queue, filter));
  std::vector<TryLetter> letters;
  for (const LetterPlace& place : places) {
    if (limit != 0 && letters.size() == limit) break;
    letters.push_back({place.queue, place.partition, place.offset});
  }
  return letters;
}

Result<std::string> start(const ApiRequest& request, const HostView& view, TryJobs& jobs, const OpenIndex& open_index) {
  EDDY_ASSIGN(const Json body, request.json());
  EDDY_ASSIGN(TryRequest asked, request_of(body));
  asked.queue = request.parameter("queue");
  EDDY_ASSIGN(asked.letters, select(request, body, open_index, asked.queue));
  asked.settings = *view.settings;
  asked.topology = view.topology;
  return jobs.start(std::move(asked));
}

HttpReply start_reply(const ApiRequest& request, const HostViewBox& view, TryJobs& jobs, const OpenIndex& open_index) {
  const auto now = view.get();
  const auto known = now->topology.streams.find(request.parameter("queue"));
  if (known == now->topology.streams.end() || !known->second.queue) {
    return error_reply(404, "there is no dead letter queue " + request.parameter("queue"));
  }
  const auto id = start(request, *now, jobs, open_index);
  if (!id && id.error().code == Code::kRefused) return error_reply(403, id.error().text);
  if (!id) return error_reply(id.error());
  const auto status = jobs.status(*id);
  HttpReply reply = json_reply(200, {{"id", *id}, {"selected", status ? status->letters : 0}});
  reply.audit = *id + ", " + std::to_string(status ? status->letters : 0) + " letters";
  return reply;
}

HttpReply status_reply(const ApiRequest& request, const TryJobs& jobs) {
  const auto status = jobs.status(request.parameter("id"));
  return status ? json_reply(200, status_json(*status)) : error_reply(404, "there is no trial of that id");
}

HttpReply cancel_reply(const ApiRequest& request, TryJobs& jobs) {
  const std::string& id = request.parameter("id");
  if (!jobs.status(id)) return error_reply(404, "there is no trial of that id");
  if (!jobs.cancel(id)) return error_reply(409, "the trial has ended");
  return json_reply(200, {{"id", id}, {"cancelled", true}});
}

Json cause_schema() {
  using namespace schema;
  return object({{"group", text()},
                 {"error_type", text()},
                 {"error_message", text()},
                 {"count", integer()},
                 {"sample", text("A letter's id, or a record's place.")}});
}

Json diffs_schema() {
  using namespace schema;
  return array(object({{"record", text()}, {"diff", text("Unified: the running build's outputs, the candidate's.")}}));
}

Json group_schema() {
  using namespace schema;
  return object({{"group", nullable(text())},
                 {"function", nullable(text())},
                 {"error_type", nullable(text())},
                 {"error_message", nullable(text())},
                 {"letters", integer()},
                 {"would_pass", object({{"delivered", integer()}, {"filtered", integer()}})},
                 {"still_fails", object({{"same_cause", integer()}, {"other_cause", integer()}})},
                 {"other_causes", array(cause_schema())},
                 {"not_tried", array(object({{"reason", text()}, {"count", integer()}}))},
                 {"outputs", object({{"compared", integer()}, {"differ", integer()}})},
                 {"diffs", diffs_schema()}});
}

Json report_schema() {
  using namespace schema;
  const Json good = object({{"function", text()},
                            {"records", integer()},
                            {"same", integer()},
                            {"differ", integer()},
                            {"fail", integer()},
                            {"causes", array(cause_schema())},
                            {"not_compared", nullable(text("Why there are none."))},
                            {"unstable", array(text(), "Members that the running build makes anew each time.")},
                            {"diffs", diffs_schema()}});
  const Json plugin = object(
      {{"name", text()}, {"version", text()}, {"build_id", nullable(text())}, {"sha256", text()}, {"file", text()}});
  return object({{"queue", text()},
                 {"plugin", plugin},
                 {"letters", integer("Tried so far.")},
                 {"would_pass", integer()},
                 {"still_fails", integer()},
                 {"not_tried", integer()},
                 {"groups", array(group_schema())},
                 {"good_records", array(good)},
                 {"complete", boolean()}});
}

Json status_schema() {
  using namespace schema;
  return object({{"id", text()},
                 {"state", choice({"running", "done", "failed", "cancelled"})},
                 {"error", nullable(text())},
                 {"selected", integer("Letters to be tried.")},
                 {"started_at", time()},
                 {"ended_at", nullable(time())},
                 {"report", report_schema()}});
}

ApiRoute start_route(const HostViewBox& view, TryJobs& jobs, OpenIndex open_index) {
  using namespace schema;
  return {.method = "POST",
          .path = "/api/v1/queues/{queue}/try",
          .summary = "Run dead letters through another build, and write nothing",
          .description =
              "Answered at once; the trial goes on beside the host: GET /api/v1/tries/{id}. The plugin's owner "
              "and mode are checked as those of the plugin directory, its signature as the settings say.",
          .body = schema::body({{"plugin", text("Path of the other build on the host.")},
                                {"filter", map(any(),
                                               "Which letters: group, type, since, until, match, where, function, "
                                               "state.")},
                                {"limit", integer("At most so many letters.")},
                                {"diff", boolean("Keep some diffs of outputs.")},
                                {"good_records", integer("Last records of each function's source to compare; 1000.")},
                                {"ignore", array(text(), "JSON pointers into outputs that are not compared.")},
                                {"as_configured", boolean("Give functions the network and files of their settings.")}},
                               {"plugin"}),
          .reply = object({{"id", text()}, {"selected", integer()}}),
          .refusals = {404, 409, 503},
          .needs = Right::kOperate,
          .audited = {"plugin", "filter", "limit", "as_configured"},
          .handler = [&view, &jobs, open = std::move(open_index)](const ApiRequest& request) {
            return start_reply(request, view, jobs, open);
          }};
}

}  // namespace

void add_try_routes(AdminServer& admin, const HostViewBox& view, TryJobs& jobs, OpenIndex open_index) {
  using namespace schema;
  admin.route(start_route(view, jobs, std::move(open_index)));
  admin.route({.path = "/api/v1/tries",
               .summary = "Trials that run, and the last that have ended, newest first",
               .reply = object({{"tries", array(status_schema())}}),
               .handler = [&jobs](const ApiRequest&) {
                 Json list = Json::array();
                 for (const TryStatus& status : jobs.all()) list.push_back(status_json(status));
                 return json_reply(200, {{"tries", std::move(list)}});
               }});
  admin.route({.path = "/api/v1/tries/{id}",
               .summary = "A trial: how far it is, and what it has found",
               .reply = status_schema(),
               .refusals = {404},
               .handler = [&jobs](const ApiRequest& request) { return status_reply(request, jobs); }});
  admin.route({.method = "POST",
               .path = "/api/v1/tries/{id}/cancel",
               .summary = "End a trial after the call that runs",
               .reply = object({{"id", text()}, {"cancelled", boolean()}}),
               .refusals = {404, 409},
               .needs = Right::kOperate,
               .handler = [&jobs](const ApiRequest& request) { return cancel_reply(request, jobs); }});
}

}  // namespace eddy::host
