// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace eddy::host {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    settings.tokens.push_back({.name = "grafana", .hash = viewer.hash});
    settings.tokens.push_back({.name = "ann", .hash = operating.hash, .rights = {"view", "operate"}});
    settings.tokens.push_back({.name = "root", .hash = revealing.hash, .rights = {"view", "operate", "reveal"}});
  }

  void SetUp() override {
    auto made = TemporaryFolder::make();
    ASSERT_TRUE(made) << made.error().text;
    folder = *std::move(made);
    log.emplace(folder.path(), AuditOptions{});
    auto authority = AdminAuthority::make(settings);
    ASSERT_TRUE(authority) << authority.error().text;
    router.emplace(*authority, &*log);
    add_routes(*router);
  }

  void add_routes(Router& to) {
    to.add({.path = "/healthz", .needs = std::nullopt, .handler = [](const ApiRequest&) { return HttpReply{}; }});
    to.add({.path = "/metrics", .handler = [](const ApiRequest&) { return HttpReply{}; }});
    to.add({.path = "/letters/{id}",
            .query = {{"reveal", "", {{"type", "boolean"}}}},
            .reveals_by = "reveal",
            .handler = [this](const ApiRequest& request) {
              ++calls;
              return HttpReply{.body = request.parameter("id")};
            }});
    to.add({.method = "POST",
            .path = "/queues/{queue}/discard",
            .body = {{"type", "object"}},
            .needs = Right::kOperate,
            .audited = {"filter", "reason"},
            .handler =
                [this](const ApiRequest& request) {
                  ++calls;
                  if (request.parameter("queue") == "none") return error_reply(404, "there is no such queue");
                  HttpReply reply = json_reply(200, {{"discarded", 2}});
                  reply.audit = "2 letters";
                  return reply;
                },
            .max_body = 1000});
  }

  AdminHead head(const std::string& method, const std::string& target, const std::string& token = "") const {
    AdminHead made;
    made.method_string(method);
    made.target(target);
    made.set(http::field::host, "127.0.0.1:5001");
    if (!token.empty()) made.set(http::field::authorization, "Bearer " + token);
    if (method == "POST") made.set(http::field::content_type, "application/json");
    return made;
  }

  HttpReply ask(const AdminHead& given, const std::string& body = "", const AdminPeer& peer = {"10.0.0.1", "", false}) {
    Admitted call = router->admit(given, peer, {!body.empty(), body.size()});
    if (call.route == nullptr) return call.refusal;
    call.request.body = body;
    return router->run(call);
  }

  std::vector<Json> entries() const {
    auto read = log->read({});
    EXPECT_TRUE(read) << read.error().text;
    return read ? *read : std::vector<Json>();
  }

  const NewToken viewer = make_token(), operating = make_token(), revealing = make_token();
  AdminSettings settings;
  TemporaryFolder folder;
  std::optional<AuditLog> log;
  std::optional<Router> router;
  int calls = 0;
};

TEST_F(RouterTest, RightsAreAskedFor) {
  EXPECT_EQ(ask(head("GET", "/healthz")).status, 200);
  EXPECT_EQ(ask(head("GET", "/letters/1")).status, 401);
  EXPECT_EQ(ask(head("GET", "/letters/1", "nobody's")).status, 401);
  EXPECT_EQ(ask(head("GET", "/letters/1", viewer.token)).body, "1");
  const HttpReply refused = ask(head("POST", "/queues/q/discard", viewer.token), "{}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("grafana does not have the right operate"));
  EXPECT_EQ(ask(head("POST", "/queues/q/discard", operating.token), "{}").status, 200);
  EXPECT_EQ(calls, 2);
}

TEST_F(RouterTest, MetricsNeedTheRightUnlessTheyAreOpen) {
  EXPECT_EQ(ask(head("GET", "/metrics")).status, 401);
  EXPECT_EQ(ask(head("GET", "/metrics", viewer.token)).status, 200);
  settings.open_metrics = true;
  router->set_authority(*AdminAuthority::make(settings));
  EXPECT_EQ(ask(head("GET", "/metrics")).status, 200);
  EXPECT_EQ(ask(head("GET", "/letters/1")).status, 401);
}

TEST_F(RouterTest, RevealingNeedsARightOfItsOwnAndIsWrittenDown) {
  EXPECT_EQ(ask(head("GET", "/letters/1?reveal=true", operating.token)).status, 403);
  EXPECT_EQ(ask(head("GET", "/letters/1?reveal=maybe", revealing.token)).status, 400);
  EXPECT_EQ(ask(head("GET", "/letters/1?reveal=false", operating.token)).status, 200);
  EXPECT_EQ(ask(head("GET", "/letters/1?reveal=true", revealing.token)).status, 200);
  const auto all = entries();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["who"], "root");
  EXPECT_EQ(all[0]["outcome"], "done");
  EXPECT_EQ(all[0]["parameters"].dump(), R"({"id":"1","reveal":"true"})");
  EXPECT_EQ(all[1]["who"], "ann");
  EXPECT_EQ(all[1]["outcome"], "refused");
}

TEST_F(RouterTest, WhatWillBeDeniedIsNotRead) {
  const Admitted call =
      router->admit(head("POST", "/queues/q/discard", viewer.token), {"10.0.0.1", "", false}, {true, 0});
  ASSERT_NE(call.route, nullptr);
  EXPECT_EQ(call.lacks, Right::kOperate);
  EXPECT_EQ(router->run(call).status, 403);
  EXPECT_EQ(ask(head("POST", "/queues/q/discard", viewer.token), std::string(5000, '[')).status, 403)
      << "however large it is";
}

TEST_F(RouterTest, AFloodOfDenialsDoesNotFillTheAuditLog) {
  for (int i = 0; i < 100; ++i) ask(head("POST", "/queues/q/discard", viewer.token), "{}");
  const std::size_t recorded = entries().size();
  EXPECT_GE(recorded, 10u);
  EXPECT_LT(recorded, 100u);
  ask(head("POST", "/queues/q/discard", viewer.token), "{}", {"10.0.0.2", "", false});
  EXPECT_EQ(entries().size(), recorded + 1) << "from elsewhere it is news";
}

TEST_F(RouterTest, DeepAndWideBodiesAreRefusedAndWrittenDownShortly) {
  const auto with = [&](std::string body) {
    Admitted call = router->admit(head("POST", "/queues/q/discard", operating.token), {}, {true, 0});
    call.request.body = std::move(body);
    return router->run(call);
  };
  const std::string deep(400'000, '[');
  EXPECT_EQ(with("{\"filter\":" + deep + std::string(400'000, ']') + "}").status, 200) << "the handler reads no body";
  EXPECT_EQ(with("{\"reason\":1e999}").status, 200);
  EXPECT_EQ(with("{\"" + std::string(1 << 20, 'x') + "\":1}").status, 200);
  std::string many = "{";
  for (int i = 0; i < 900; ++i) many += "\"" + std::string(90, 'x') + std::to_string(i) + "\":1,";
  EXPECT_EQ(with(many + "\"reason\":\"last\"}").status, 200);
  const auto all = entries();
  ASSERT_EQ(all.size(), 4u);
  for (const Json& entry : all) EXPECT_LT(entry.dump().size(), 20'000u);
  EXPECT_LT(all[1].dump().size(), 1000u);
}

TEST_F(RouterTest, TheAuditLogHasWhatWasDoneAndNoSecret) {
  const std::string body =
      R"({"filter": {"group": "9f2a", "match": ["/email=ann@example.com"]}, "reason": "old", "original": "secret"})";
  EXPECT_EQ(ask(head("POST", "/queues/q/discard?x=1", operating.token), body).status, 400) << "an unknown key";
  EXPECT_TRUE(entries().empty()) << "nothing was begun";
  EXPECT_EQ(ask(head("POST", "/queues/q/discard", operating.token), body).status, 200);
  EXPECT_EQ(ask(head("POST", "/queues/none/discard", operating.token), "{}").status, 404);
  const std::string wrong = R"({"filter": {"match": [{"/email": "ann@example.com"}], "group": {"match": 7}}})";
  EXPECT_EQ(ask(head("POST", "/queues/q/discard", operating.token), wrong).status, 200);
  EXPECT_EQ(entries()[0]["parameters"]["filter"].dump(), R"({"match":["…"],"group":{"match":"…"}})");
  const auto all = entries();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1]["outcome"], "failed");
  EXPECT_EQ(all[1]["status"], 404);
  EXPECT_EQ(all[1]["result"], "there is no such queue");
  EXPECT_EQ(all[2]["action"], "POST /queues/{queue}/discard");
  EXPECT_EQ(all[2]["from"], "10.0.0.1");
  EXPECT_EQ(all[2]["result"], "2 letters");
  EXPECT_EQ(all[2]["parameters"],
            Json::parse(R"({"queue": "q", "filter": {"group": "9f2a", "match": ["/email=…"]}, "reason": "old",
                            "original": "…"})"));
}

TEST_F(RouterTest, WhatCannotBeWrittenDownIsNotDone) {
  const AuditLog nowhere("/proc/eddy", {});
  router.emplace(*AdminAuthority::make(settings), &nowhere);
  add_routes(*router);
  const HttpReply reply = ask(head("POST", "/queues/q/discard", operating.token), "{}");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("nothing was done, as it cannot be recorded: audit log"));
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(ask(head("GET", "/letters/1", operating.token)).status, 200) << "reading goes on";
}

TEST_F(RouterTest, BodiesAreJsonAndHaveALimit) {
  const auto with = [&](const std::string& body) {
    return ask(head("POST", "/queues/q/discard", operating.token), body);
  };
  const HttpReply large = with(std::string(1001, ' '));
  EXPECT_EQ(large.status, 413);
  EXPECT_THAT(large.body, HasSubstr("expected at most 1000 bytes, found 1001"));
  AdminHead text = head("POST", "/queues/q/discard", operating.token);
  text.set(http::field::content_type, "text/plain");
  text.set("X-Eddy-Request", "1");
  EXPECT_EQ(ask(text, "{}").status, 415);
  text.set(http::field::content_type, "application/jsonp");
  EXPECT_EQ(ask(text, "{}").status, 415);
  text.set(http::field::content_type, "application/json; charset=utf-8");
  EXPECT_EQ(ask(text, "{}").status, 200);
  text.set(http::field::content_encoding, "gzip");
  EXPECT_EQ(ask(text, "{}").status, 415);
  EXPECT_EQ(ask(head("GET", "/letters/1", viewer.token), "{}").status, 413);
}

TEST_F(RouterTest, UnknownKeysOfTheQueryAreRefused) {
  const HttpReply reply = ask(head("GET", "/letters/1?revael=true", revealing.token));
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("the query: expected reveal, found revael"));
  EXPECT_THAT(ask(head("GET", "/metrics?a", viewer.token)).body, HasSubstr("expected nothing, found a"));
  EXPECT_EQ(ask(head("GET", "/letters/1?a=%zz", viewer.token)).status, 400);
}

TEST_F(RouterTest, PagesOfOthersReachNothing) {
  router.emplace(nullptr, &*log);  // nobody is asked for a token, so the browser's word is all there is
  add_routes(*router);
  router->serve_at("127.0.0.1:5001", "5001");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"Origin", "http://evil.example"},
                                                        {"Origin", "null"},
                                                        {"Sec-Fetch-Site", "cross-site"},
                                                        {"Sec-Fetch-Site", "same-site"},
                                                        {"Host", "evil.example:5001"},
                                                        {"Host", "localhost.evil.example"}}) {
    for (const char* method : {"GET", "POST"}) {
      AdminHead asked = head(method, std::string(method) == "GET" ? "/letters/1" : "/queues/q/discard");
      asked.set(name, value);
      EXPECT_EQ(ask(asked).status, 403) << method << " " << name << ": " << value;
    }
    AdminHead health = head("GET", "/healthz");
    health.set(name, value);
    EXPECT_EQ(ask(health).status, 200) << "tells nothing";
  }
  AdminHead form = head("POST", "/queues/q/discard");
  form.set(http::field::content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(ask(form).status, 403);
  EXPECT_EQ(calls, 0);
  for (const char* host : {"localhost:5001", "127.0.0.1", "[::1]:5001", "10.0.0.5:5001"}) {
    AdminHead own = head("POST", "/queues/q/discard");
    own.set(http::field::host, host);
    own.set(http::field::origin, std::string("http://") + host);
    own.set("Sec-Fetch-Site", "same-origin");
    EXPECT_EQ(ask(own).status, 200) << host;
  }
}

TEST_F(RouterTest, ATokenOrTlsProvesTheHostsName) {
  AdminHead named = head("GET", "/letters/1", viewer.token);
  named.set(http::field::host, "eddy.example:5001");
  EXPECT_EQ(ask(named).status, 200);
  router.emplace(nullptr, &*log);
  add_routes(*router);
  named.set(http::field::origin, "https://eddy.example:5001");
  EXPECT_EQ(ask(named).status, 403);
  EXPECT_EQ(ask(named, "", {"10.0.0.1", "", true}).status, 200);
}

}  // namespace
}  // namespace eddy::host
