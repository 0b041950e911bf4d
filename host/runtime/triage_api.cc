// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage_api.h"

#include <algorithm>

#include "admin/schema.h"
#include "dead_letter/mask.h"
#include "runtime/triage_schemas.h"
#include "triage/discard.h"
#include "triage/letter_lookup.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostListed = 10'000;
constexpr std::int64_t kUsuallyListed = 100;
constexpr std::size_t kGroupsShown = 20;

// What is not there is kBadData, what only may be seen by others kRefused.
HttpReply refused_listing(const Error& error) {
  if (error.code == Code::kRefused) return error_reply(403, error.text);
  return error.code == Code::kBadData ? error_reply(404, error.text) : error_reply(error);
}

HttpReply reply(const Result<Json>& json) { return json ? json_reply(200, *json) : refused_listing(json.error()); }

// What of a letter is hidden from who has not asked to see it, and may: what the host's streams say, and where no
// plugin declares the queue any more what the settings say of the function that failed.
Mask mask_of(const NamedLetter& named, const ApiRequest& request, const TriageParts& parts) {
  const auto reveal = request.flag("reveal");
  if (reveal && *reveal) return {};
  const auto view = parts.view.get();
  std::vector<std::string> pointers = view->settings->redact(named.row.function, named.row.queue);
  if (const auto more = view->redact.find(named.row.queue); more != view->redact.end()) {
    pointers.insert(pointers.end(), more->second.begin(), more->second.end());
  }
  return Mask(pointers);
}

Result<Json> list_queues(const TriageParts& parts) {
  EDDY_ASSIGN(const auto index, parts.open());
  EDDY_ASSIGN(const auto queues, index->queues());
  const auto view = parts.view.get();
  Json list = Json::array();
  for (const QueueSummary& queue : queues) {
    Json json = to_json(queue);
    const auto depth = queue_depth(queue.queue, view->topology, parts.transport);
    if (!depth && depth.error().code == Code::kBadData) continue;  // a queue of the past
    if (!depth) return depth.error();
    json["waiting"] = depth->letters;
    list.push_back(std::move(json));
  }
  return Json{{"queues", std::move(list)}};
}

// What a listing is asked for.
struct Asked {
  std::string queue;
  LetterFilter filter;
  Page page;
};

Result<Asked> asked_by(const ApiRequest& request, const TriageParts& parts) {
  Asked asked{request.parameter("queue"), {}, {}};
  EDDY_ASSIGN([[maybe_unused]] const StreamId stream, parts.transport.find_stream(asked.queue));
  LetterFilterReader reader(parts.clock.now_us());
  for (const auto& [name, value] : request.query) {
    if (LetterFilterReader::knows(name)) EDDY_TRY(reader.add(name, value));
  }
  asked.filter = reader.filter();
  EDDY_ASSIGN(asked.filter.reveal, request.flag("reveal"));
  resolve_parked(asked.queue, asked.filter);
  EDDY_ASSIGN(const std::int64_t limit, request.integer("limit", kUsuallyListed, 1, kMostListed));
  asked.page = {static_cast<std::size_t>(limit), std::string(request.first("after").value_or(""))};
  return asked;
}

Result<Json> list_groups(const ApiRequest& request, const TriageParts& parts) {
  EDDY_ASSIGN(const Asked asked, asked_by(request, parts));
  EDDY_ASSIGN(const auto index, parts.open());
  EDDY_ASSIGN(const GroupPage page, index->groups(asked.queue, asked.filter, asked.page));
  return to_json(page);
}

Result<Json> list_letters(const ApiRequest& request, const TriageParts& parts) {
  EDDY_ASSIGN(const Asked asked, asked_by(request, parts));
  EDDY_ASSIGN(const auto index, parts.open());
  EDDY_ASSIGN(const LetterPage page, index->letters(asked.queue, asked.filter, asked.page));
  return to_json(page);
}

Error gone(const std::string& id) {
  return {Code::kBadData, "there is no dead letter " + id + ": expected the id of one whose retention has not passed"};
}

Result<Json> show_letter(const ApiRequest& request, const TriageParts& parts) {
  EDDY_ASSIGN(const auto index, parts.open());
  LetterLookup lookup(*index, parts.transport);
  EDDY_ASSIGN(const auto named, lookup.find(request.parameter("id")));
  if (!named) return gone(request.parameter("id"));
  EDDY_ASSIGN(const auto state, index->state_of(named->row.place.id));
  return whole_letter_json(named->row, named->fetched, state, mask_of(*named, request, parts));
}

Result<HttpReply> original_of(const ApiRequest& request, const TriageParts& parts) {
  EDDY_ASSIGN(const auto index, parts.open());
  LetterLookup lookup(*index, parts.transport);
  EDDY_ASSIGN(const auto named, lookup.find(request.parameter("id")));
  if (!named) return gone(request.parameter("id"));
  if (mask_of(*named, request, parts).hides()) {
    return error_reply(403, "redact hides some of it: ask with reveal=true, which needs the right to reveal");
  }
  const Bytes original = named->fetched.letter->original;
  HttpReply reply{.status = 200, .content_type = "application/octet-stream"};
  reply.body = original.view();
  if (original.null()) reply.status = 204;
  return reply;
}

// What a discard is asked for.
struct DiscardWish {
  LetterFilter filter;
  std::string reason;
  bool dry_run = false;
};

Result<DiscardWish> discard_wish_of(const Json& body, std::int64_t now_us) {
  DiscardWish wish;
  LetterFilterReader reader(now_us);
  for (const auto& [name, value] : body.items()) {
    if (name == "filter") {
      EDDY_TRY(reader.add(value));
    } else if (name == "reason" && value.is_string()) {
      wish.reason = value;
    } else if (name == "dry_run" && value.is_boolean()) {
      wish.dry_run = value;
    } else {
      return Error{Code::kUsage, "/" + name +
                                     ": expected filter (an object), reason (a string) and dry_run (true or "
                                     "false), found " +
                                     value.dump().substr(0, 100)};
    }
  }
  if (wish.reason.empty()) return Error{Code::kUsage, "/reason: expected why, in some words"};
  wish.filter = reader.filter();
  return wish;
}

Result<Json> discard(const ApiRequest& request, const TriageParts& parts) {
  EDDY_ASSIGN(const Json body, request.json());
  EDDY_ASSIGN(DiscardWish wish, discard_wish_of(body, parts.clock.now_us()));
  std::string queue = request.parameter("queue");
  EDDY_ASSIGN([[maybe_unused]] const StreamId stream, parts.transport.find_stream(queue));
  wish.filter.reveal = request.who.may(Right::kReveal);
  resolve_parked(queue, wish.filter);
  EDDY_ASSIGN(const auto index, parts.open());
  const std::string queues[] = {queue};
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, index->catch_up(queues));
  EDDY_ASSIGN(const auto letters, index->select(queue, wish.filter));
  EDDY_ASSIGN(const GroupPage groups, index->groups(queue, wish.filter, {.limit = kGroupsShown}));
  if (!wish.dry_run) {
    EDDY_TRY(discard_letters(parts.transport, letters, {queue, request.who.name, wish.reason, parts.clock.now_us()}));
  }
  return Json{{"queue", queue},
              {"filter", to_json(wish.filter)},
              {"reason", wish.reason},
              {"selected", letters.size()},
              {"groups", to_json(groups)["groups"]},
              {"dry_run", wish.dry_run},
              {"discarded", wish.dry_run ? 0 : letters.size()}};
}

HttpReply discard_reply(const ApiRequest& request, const TriageParts& parts) {
  const auto done = discard(request, parts);
  HttpReply answer = reply(done);
  if (done) answer.audit = std::to_string((*done)["discarded"].get<std::uint64_t>()) + " letters";
  return answer;
}

void add_letter_routes(AdminServer& admin, const TriageParts& parts) {
  admin.route({.path = "/api/v1/letters/{id}",
               .summary = "One dead letter whole",
               .description = "The beginning of its id is enough, if no other begins like it.",
               .query = {{.name = "reveal", .description = "Show what `redact` hides.", .schema = schema::boolean()}},
               .reply = triage_schemas::letter(),
               .refusals = {404, 500, 503},
               .reveals_by = "reveal",
               .handler = [parts](const ApiRequest& request) { return reply(show_letter(request, parts)); }});
  admin.route({.path = "/api/v1/letters/{id}/original",
               .summary = "The exact bytes of a dead letter's original",
               .description = "204: it is null. What `redact` hides some of is given only with reveal.",
               .query = {{.name = "reveal", .description = "Give it whole.", .schema = schema::boolean()}},
               .reply_type = "application/octet-stream",
               .refusals = {404, 500, 503},
               .reveals_by = "reveal",
               .handler = [parts](const ApiRequest& request) {
                 auto original = original_of(request, parts);
                 return original ? *std::move(original) : refused_listing(original.error());
               }});
}

}  // namespace

void add_triage_routes(AdminServer& admin, TriageParts parts) {
  admin.route({.path = "/api/v1/queues",
               .summary = "Dead letter queues: how many letters they hold, by state",
               .reply = triage_schemas::queues(),
               .refusals = {500, 503},
               .handler = [parts](const ApiRequest&) { return reply(list_queues(parts)); }});
  admin.route({.path = "/api/v1/queues/{queue}/groups",
               .summary = "Causes of a queue's letters",
               .query = triage_schemas::filter_and_page(),
               .reply = triage_schemas::groups(),
               .refusals = {404, 500, 503},
               .reveals_by = "reveal",
               .handler = [parts](const ApiRequest& request) { return reply(list_groups(request, parts)); }});
  admin.route({.path = "/api/v1/queues/{queue}/letters",
               .summary = "Letters of a queue",
               .query = triage_schemas::filter_and_page(),
               .reply = triage_schemas::letters(),
               .refusals = {404, 500, 503},
               .reveals_by = "reveal",
               .handler = [parts](const ApiRequest& request) { return reply(list_letters(request, parts)); }});
  admin.route(
      {.method = "POST",
       .path = "/api/v1/queues/{queue}/discard",
       .summary = "Close letters for which nothing else is to be done",
       .description = "They stay where they are until their retention has passed; one that fails again is open.",
       .body = triage_schemas::discard_body(),
       .reply = triage_schemas::discard(),
       .refusals = {404, 500, 503},
       .needs = Right::kOperate,
       .audited = {"filter", "reason", "dry_run"},
       .handler = [parts](const ApiRequest& request) { return discard_reply(request, parts); }});
  add_letter_routes(admin, parts);
}

}  // namespace eddy::host
