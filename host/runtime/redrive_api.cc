// SPDX-License-Identifier: Apache-2.0
#include "runtime/redrive_api.h"

#include "admin/schema.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kMostPerSecond = 1'000'000;

Json redrive_schema() {
  using namespace schema;
  return object(
      {{"id", text()},
       {"queue", text()},
       {"to", nullable(text("A stream; null: each letter's own function, or the ingest API that refused it."))},
       {"state", choice({"running", "paused", "stopped", "cancelled", "done"},
                        "stopped: by itself, as too many letters failed again.")},
       {"reason", nullable(text("Why it is in that state."))},
       {"trouble", nullable(text("What it waits for at the moment."))},
       {"by", text("Who asked for it.")},
       {"filter", any("As asked, without the values of `match`; times are absolute.")},
       {"rate", integer("Letters per second at most; 0: as fast as they are taken.")},
       {"max_refailure_ratio", number()},
       {"over_budget", boolean("Letters too that have no hops left.")},
       {"created_at", time()},
       {"ended_at", nullable(time())},
       {"selected", integer("Letters that met the filter when it was asked for.")},
       {"sent", integer()},
       {"left_out", integer("Reached and not sent.")},
       {"left_out_reasons", map(integer())},
       {"recovered", integer("Sent, and delivered by their function.")},
       {"failed_again", integer("Sent, and in the queue again.")},
       {"in_flight", integer("Sent, and not processed yet.")},
       {"success_ratio", nullable(number("Recovered among those whose outcome is known."))},
       {"forgiven", object({{"recovered", integer()}, {"failed_again", integer("Before it was resumed last.")}})},
       {"failure_queues", map(array(text()), "By function that letters go to: where it writes what fails again.")}});
}

Json plan_schema() {
  using namespace schema;
  return object({{"dry_run", boolean()},
                 {"selected", integer()},
                 {"to", map(integer(), "Letters by function or stream.")},
                 {"left_out", map(integer(), "Letters by the reason why they would not be sent.")}});
}

Json wish_schema() {
  using namespace schema;
  return body(
      {{"filter", any("As in the query of the listings: group, type, since, until, match, where, function, state.")},
       {"to", text("A stream to send the originals to; without it each letter goes to the function that failed, or "
                   "through the ingest API that refused it. Those of a table need it.")},
       {"rate", integer("Letters per second at most; 0 or absent: as fast as they are taken.")},
       {"max_refailure_ratio", number("It stops itself above this share of letters that fail again; 0.5.")},
       {"over_budget", boolean("Letters too that have used up their hops.")},
       {"dry_run", boolean("Say what it would do, and do nothing.")}});
}

Error wrong(const std::string& what, const std::string& expected, const Json& found) {
  return {Code::kUsage, "/" + what + ": expected " + expected + ", found " + found.dump().substr(0, 100)};
}

struct Wish {
  RedriveSpec spec{};
  LetterFilter filter{};
  bool dry_run = false;
};

Result<void> take(Wish& wish, const std::string& name, const Json& value, std::int64_t now_us) {
  RedriveSpec& spec = wish.spec;
  if (name == "filter") {
    LetterFilterReader reader(now_us);
    EDDY_TRY(reader.add(value));
    wish.filter = reader.filter();
  } else if (name == "to") {
    if (!value.is_string()) return wrong(name, "the name of a stream", value);
    spec.to = value;
  } else if (name == "rate") {
    if (!value.is_number_unsigned() || value > kMostPerSecond) {
      return wrong(name, "letters per second, 0 to " + std::to_string(kMostPerSecond), value);
    }
    spec.rate = value;
  } else if (name == "max_refailure_ratio") {
    if (!value.is_number() || value < 0 || value > 1) return wrong(name, "a number from 0 to 1", value);
    spec.max_refailure_ratio = value;
  } else if (name == "over_budget" || name == "dry_run") {
    if (!value.is_boolean()) return wrong(name, "true or false", value);
    (name == "dry_run" ? wish.dry_run : spec.over_budget) = value;
  } else {
    return wrong(name, "filter, to, rate, max_refailure_ratio, over_budget or dry_run", name);
  }
  return {};
}

Result<Wish> wish_of(const ApiRequest& request, std::int64_t now_us) {
  EDDY_ASSIGN(const Json json, request.json());
  Wish wish;
  for (const auto& [name, value] : json.items()) EDDY_TRY(take(wish, name, value, now_us));
  wish.spec.queue = request.parameter("queue");
  wish.spec.by = request.who.name;
  wish.filter.reveal = request.who.may(Right::kReveal);
  return wish;
}

// A filter that would tell what is hidden is kRefused, what is not there kBadData.
HttpReply refusal(const Error& error) {
  if (error.code == Code::kRefused) return error_reply(403, error.text);
  return error.code == Code::kBadData ? error_reply(404, error.text) : error_reply(error);
}

HttpReply start(const ApiRequest& request, Redrives& redrives, std::int64_t now_us) {
  const auto wish = wish_of(request, now_us);
  if (!wish) return error_reply(wish.error());
  if (wish->dry_run) {
    const auto plan = redrives.plan(wish->spec, wish->filter);
    return plan ? json_reply(200, to_json(*plan)) : refusal(plan.error());
  }
  const auto started = redrives.start(wish->spec, wish->filter);
  if (!started) return refusal(started.error());
  HttpReply reply = json_reply(202, to_json(*started));
  reply.audit = "redrive " + started->spec.id + " of " + std::to_string(started->counts.selected) + " letters";
  return reply;
}

ApiRoute act_route(const std::string& name, const std::string& summary, Redrives& redrives,
                   Result<void> (Redriver::*what)()) {
  return {.method = "POST",
          .path = "/api/v1/redrives/{id}/" + name,
          .summary = summary,
          .reply = redrive_schema(),
          .refusals = {404, 409, 503},
          .needs = Right::kOperate,
          .handler = [&redrives, what](const ApiRequest& request) {
            const auto done = redrives.act(request.parameter("id"), what);
            return done ? json_reply(200, to_json(*done)) : refusal(done.error());
          }};
}

ApiRoute start_route(Redrives& redrives, const Clock& clock) {
  Json reply;
  reply["oneOf"] = Json::array({redrive_schema(), plan_schema()});
  return {
      .method = "POST",
      .path = "/api/v1/queues/{queue}/redrives",
      .summary = "Send dead letters back",
      .description =
          "To the function that failed on each, through the ingest API that refused it, or to a stream: exactly once, "
          "also over restarts. 202: it has begun; of a dry run 200. One at a time for each queue of a host.",
      .body = wish_schema(),
      .reply = reply,
      .refusals = {202, 404, 409, 503},
      .needs = Right::kOperate,
      .audited = {"filter", "to", "rate", "max_refailure_ratio", "over_budget", "dry_run"},
      .handler = [&redrives, &clock](const ApiRequest& request) { return start(request, redrives, clock.now_us()); }};
}

}  // namespace

void add_redrive_routes(AdminServer& admin, Redrives& redrives, const Clock& clock) {
  admin.route(start_route(redrives, clock));
  admin.route({.path = "/api/v1/redrives",
               .summary = "Redrives, newest first",
               .reply = schema::object({{"redrives", schema::array(redrive_schema())}}),
               .handler = [&redrives](const ApiRequest&) {
                 Json list = Json::array();
                 for (const RedriveStatus& status : redrives.list()) list.push_back(to_json(status));
                 return json_reply(200, {{"redrives", std::move(list)}});
               }});
  admin.route({.path = "/api/v1/redrives/{id}",
               .summary = "How far a redrive has come",
               .reply = redrive_schema(),
               .refusals = {404},
               .handler = [&redrives](const ApiRequest& request) {
                 const auto found = redrives.find(request.parameter("id"));
                 return found ? json_reply(200, to_json(*found)) : refusal(found.error());
               }});
  admin.route(act_route("pause", "Send no more for now", redrives, &Redriver::pause));
  admin.route(act_route("resume", "Go on, also with what has stopped itself", redrives, &Redriver::resume));
  admin.route(act_route("cancel", "Send no more, for good", redrives, &Redriver::cancel));
}

}  // namespace eddy::host
