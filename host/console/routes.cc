// SPDX-License-Identifier: Apache-2.0
#include "console/routes.h"

#include "admin/schema.h"
#include "console/assets.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

// Nothing but the console's own files is loaded or asked, nothing frames it, and no text can become a script or markup.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

constexpr std::string_view kPage = "index.html";

const char* type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

// Of If-None-Match: a list of tags, or "*" for any.
bool is_known(std::string_view tags, std::string_view tag) { return tags == "*" || tags.find(tag) != tags.npos; }

// A browser keeps a file, and asks each time whether it still holds: after an upgrade no two versions mix for long.
HttpReply asset_reply(const ConsoleAsset& asset, const ApiRequest& request) {
  const std::string tag = "\"" + std::string(asset.sha256) + "\"";
  HttpReply reply;
  reply.content_type = type_of(asset.name);
  reply.headers = {{"Cache-Control", "no-cache"}, {"ETag", tag}, {"Content-Security-Policy", kPolicy}};
  if (is_known(request.if_none_match, tag)) {
    reply.status = 304;
  } else {
    reply.body.assign(asset.bytes.begin(), asset.bytes.end());
  }
  return reply;
}

void add_asset(AdminServer& admin, const ConsoleAsset& asset) {
  admin.route({.path = asset.name == kPage ? "/" : "/console/" + std::string(asset.name),
               .summary = "The console",
               .reply_type = type_of(asset.name),
               .needs = std::nullopt,
               .lane = ApiLane::kQuick,
               .documented = false,
               .handler = [asset](const ApiRequest& request) { return asset_reply(asset, request); }});
}

Json operator_json(const Operator& who) {
  Json rights = Json::array();
  for (const Right right : {Right::kView, Right::kOperate, Right::kReveal}) {
    if (who.may(right)) rights.push_back(right_name(right));
  }
  return {{"name", who.name}, {"rights", std::move(rights)}};
}

}  // namespace

void add_console_routes(AdminServer& admin) {
  for (const ConsoleAsset& asset : console_assets()) add_asset(admin, asset);
  admin.route({.path = "/api/v1/operator",
               .summary = "Who asks, and what they may do",
               .reply = schema::object({{"name", schema::text()},
                                        {"rights", schema::array(schema::choice({"view", "operate", "reveal"}))}}),
               .lane = ApiLane::kQuick,
               .handler = [](const ApiRequest& request) { return json_reply(200, operator_json(request.who)); }});
}

}  // namespace eddy::host
