// SPDX-License-Identifier: Apache-2.0
#include "admin/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/schema.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class AdminOpenApi : public testing::Test {
 protected:
  AdminOpenApi() {
    table.add(
        {.path = "/healthz", .summary = "Alive", .reply_type = "text/plain; charset=utf-8", .needs = std::nullopt});
    table.add({.path = "/letters/{id}",
               .summary = "One letter",
               .query = {{"match", "Which", schema::text(), true}, {"reveal", "Unmasked", schema::boolean()}},
               .reply = schema::object({{"id", schema::text()}}),
               .refusals = {404},
               .reveals_by = "reveal"});
    table.add({.method = "POST",
               .path = "/letters/{id}",
               .summary = "Change it",
               .body = schema::body({{"reason", schema::text()}}, {"reason"}),
               .reply = schema::object({}),
               .needs = Right::kOperate});
    table.add({.path = "/console.js", .documented = false});
  }

  Json made(const AdminAuthority* authority = nullptr) const {
    return Json::parse(admin_openapi(table, authority, "1.2"));
  }

  RouteTable table;
};

TEST_F(AdminOpenApi, HasEveryDocumentedRoute) {
  const Json document = made();
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2");
  EXPECT_EQ(document["paths"].size(), 2u);
  EXPECT_EQ(document["paths"]["/letters/{id}"].size(), 2u);
  EXPECT_EQ(document["paths"]["/letters/{id}"]["get"]["operationId"], "get_letters_id");
}

TEST_F(AdminOpenApi, SaysWhatARouteTakesAndAnswers) {
  const Json paths = made()["paths"];
  const Json& get = paths["/letters/{id}"]["get"];
  EXPECT_EQ(get["parameters"][0]["in"], "path");
  EXPECT_EQ(get["parameters"][1]["schema"]["type"], "array") << "it may be repeated";
  EXPECT_EQ(get["parameters"][2]["schema"]["type"], "boolean");
  EXPECT_THAT(get["description"].get<std::string>(), HasSubstr("`reveal` with `reveal=true`"));
  for (const char* status : {"200", "400", "401", "403", "404", "429", "503"}) {
    EXPECT_TRUE(get["responses"].contains(status)) << status;
  }
  const Json& post = paths["/letters/{id}"]["post"];
  EXPECT_EQ(post["requestBody"]["required"], true);
  EXPECT_TRUE(post["responses"].contains("415"));
  EXPECT_EQ(post["x-eddy-right"], "operate");
  const Json& healthz = paths["/healthz"]["get"];
  EXPECT_TRUE(healthz["responses"]["200"]["content"].contains("text/plain"));
  EXPECT_FALSE(healthz["responses"].contains("401"));
}

TEST_F(AdminOpenApi, SaysWhoIsLetIn) {
  EXPECT_FALSE(made().contains("security"));
  AdminSettings settings;
  settings.tokens.push_back({.name = "a", .hash = make_token().hash});
  const auto authority = AdminAuthority::make(settings);
  ASSERT_TRUE(authority) << authority.error().text;
  const Json document = made(authority->get());
  EXPECT_EQ(document["security"].dump(), R"([{"bearer":[]}])");
  EXPECT_EQ(document["paths"]["/healthz"]["get"]["security"].dump(), "[]");
}

}  // namespace
}  // namespace eddy::host
