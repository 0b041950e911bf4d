// SPDX-License-Identifier: Apache-2.0
#include "runtime/edit_api.h"

#include "admin/schema.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "dead_letter/json_spans.h"
#include "runtime/edit/edit_letter.h"
#include "runtime/try/failed_record.h"
#include "triage/letter_fetcher.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBody = std::size_t{16} << 20;

// `original` as it stands in the body, byte for byte, or the bytes of `original_base64`.
Result<std::string> corrected_in(const ApiRequest& request) {
  EDDY_ASSIGN(const Json body, request.json());
  const bool encoded = body.contains("original_base64");
  if (body.size() != 1 || (!encoded && !body.contains("original"))) {
    return Error{Code::kUsage, "expected original (a JSON value) or original_base64, and nothing else"};
  }
  if (!encoded) {
    const auto spans = json_spans(request.body, {{"original"}});
    if (!spans || spans->size() != 1) return Error{Code::kUsage, "original: expected one JSON value"};
    return request.body.substr(spans->front().begin, spans->front().end - spans->front().begin);
  }
  const Json& text = body["original_base64"];
  auto bytes = text.is_string() ? from_base64(text.get<std::string>()) : std::nullopt;
  if (!bytes) return Error{Code::kUsage, "original_base64: expected a text in standard base64"};
  return *std::move(bytes);
}

HttpReply edited_reply(const EditedLetter& edited, const DeadLetter& letter) {
  HttpReply reply = json_reply(200, {{"id", edited.id},
                                     {"queue", edited.queue},
                                     {"digest", edited.digest},
                                     {"edited_from", {{"id", letter.id}, {"digest", letter.digest}}}});
  reply.audit = "edited as " + edited.id;
  return reply;
}

HttpReply edit_reply(const ApiRequest& request, const HostView& view, Transport& transport,
                     const OpenIndex& open_index) {
  const auto corrected = corrected_in(request);
  if (!corrected) return error_reply(corrected.error());
  const auto index = open_index();
  if (!index) return error_reply(index.error());
  const auto rows = (*index)->find(request.parameter("id"), 2);
  if (!rows) return error_reply(rows.error());
  if (rows->size() != 1) return error_reply(404, "there is no letter, or more than one, whose id begins like this");
  LetterFetcher fetcher(transport);
  const auto fetched = fetcher.fetch(rows->front().place);
  if (!fetched) return error_reply(fetched.error());
  if (fetched->letter == nullptr) return error_reply(404, "the letter has gone: its retention has passed");
  FailedRecords records(transport);
  const auto task = records.of(*fetched->letter);
  if (!task) return error_reply(409, task.error().text);
  DeadLetter whole = *fetched->letter;  // of a pointer: with what it points to
  whole.key = task->record.key;
  whole.headers.assign(task->record.headers.begin(), task->record.headers.end());
  const auto edited = edit_letter(transport, *view.settings, rows->front().place.queue, whole, Bytes(*corrected),
                                  request.who.name, SystemClock().now_us());
  return edited ? edited_reply(*edited, whole) : error_reply(edited.error());
}

}  // namespace

void add_edit_route(AdminServer& admin, const HostViewBox& view, Transport& transport, OpenIndex open_index) {
  using namespace schema;
  admin.route({.method = "POST",
               .path = "/api/v1/letters/{id}/edit",
               .summary = "Put a corrected copy of a letter into its queue",
               .description = "The letter itself counts as discarded from then on. JSON is taken byte for byte.",
               .body = schema::body({{"original", any("The corrected record, if it is JSON.")},
                                     {"original_base64", text("Its bytes, if it is not.")}}),
               .reply = object({{"id", text("Of the copy.")},
                                {"queue", text()},
                                {"digest", text()},
                                {"edited_from", object({{"id", text()}, {"digest", text()}})}}),
               .refusals = {404, 409, 413, 503},
               .needs = Right::kOperate,
               .handler = [&view, &transport, open = std::move(open_index)](
                              const ApiRequest& request) { return edit_reply(request, *view.get(), transport, open); },
               .max_body = kMostBody});
}

}  // namespace eddy::host
