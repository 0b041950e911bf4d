// SPDX-License-Identifier: Apache-2.0
#include "runtime/audit_api.h"

#include "admin/schema.h"
#include "base/encoding.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostEntries = 1000;

Json entries_schema() {
  using namespace schema;
  const Json entry = object({{"at", time()},
                             {"id", text("Of the action.")},
                             {"who", text("Name of the token, subject of the certificate, `local`, or `user NAME`.")},
                             {"from", text("Address of the client, or `command line`.")},
                             {"action", text("Method and route, or the command.")},
                             {"parameters", map(any())},
                             {"outcome", choice({"asked", "done", "failed", "refused"},
                                                "`asked`: it is under way, or was when the host ended.")},
                             {"status", nullable(integer("Of HTTP."))},
                             {"result", text()}});
  return object({{"entries", array(entry, "The newest first.")}});
}

Result<AuditFilter> filter_of(const ApiRequest& request) {
  AuditFilter filter;
  EDDY_ASSIGN(const std::int64_t limit, request.integer("limit", 100, 1, kMostEntries));
  filter.limit = static_cast<std::size_t>(limit);
  filter.who = request.first("who").value_or("");
  filter.action = request.first("action").value_or("");
  filter.before = request.first("before").value_or("");
  if (const auto since = request.first("since")) {
    filter.since_us = from_rfc3339(*since);
    if (!filter.since_us) {
      return Error{Code::kUsage,
                   "since: expected a time such as 2027-01-31T00:00:00Z, found \"" + std::string(*since) + "\""};
    }
  }
  return filter;
}

HttpReply audit_reply(const AuditLog& log, const ApiRequest& request) {
  const auto filter = filter_of(request);
  if (!filter) return error_reply(filter.error());
  auto entries = log.read(*filter);
  if (!entries) return error_reply(entries.error());
  Json list = Json::array();
  for (Json& entry : *entries) list.push_back(std::move(entry));
  return json_reply(200, {{"entries", std::move(list)}});
}

}  // namespace

void add_audit_routes(AdminServer& admin, const AuditLog& log) {
  using namespace schema;
  admin.route({.path = "/api/v1/audit",
               .summary = "What operators did, the newest first",
               .query = {{"limit", "How many at most, up to 1000; 100 if it is not said.", integer()},
                         {"before", "The `at` of the last entry of the page before: only what is older.", text()},
                         {"since", "RFC 3339: only what is not older.", time()},
                         {"who", "Whose.", text()},
                         {"action", "A glob on the action, such as `POST *`.", text()}},
               .reply = entries_schema(),
               .refusals = {503},
               .handler = [&log](const ApiRequest& request) { return audit_reply(log, request); }});
}

}  // namespace eddy::host
