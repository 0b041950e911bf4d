// SPDX-License-Identifier: Apache-2.0
#include "admin/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'800'000'000 * kSecond;

class AdminAuthorityTest : public testing::Test {
 protected:
  AdminAuthorityTest() {
    settings.tokens.push_back({.name = "grafana", .hash = viewer.hash});
    settings.tokens.push_back({.name = "ann", .hash = operating.hash, .rights = {"view", "operate"}});
  }

  std::shared_ptr<const AdminAuthority> make() const {
    auto made = AdminAuthority::make(settings);
    EXPECT_TRUE(made) << made.error().text;
    return made ? *made : nullptr;
  }

  static AdminIdentity ask(const AdminAuthority& authority, const std::string& token,
                           std::string_view address = "10.0.0.1", std::int64_t now = kNow) {
    const std::string header = "Bearer " + token;
    return authority.identify({address, header, ""}, now);
  }

  const NewToken viewer = make_token(), operating = make_token();
  AdminSettings settings;
};

TEST_F(AdminAuthorityTest, ATokenHasItsRights) {
  const auto authority = make();
  const AdminIdentity grafana = ask(*authority, viewer.token);
  EXPECT_EQ(grafana.status, 0);
  EXPECT_EQ(grafana.who.name, "grafana");
  EXPECT_EQ(grafana.who.rights, Rights({Right::kView}));
  EXPECT_TRUE(grafana.by_token);
  const AdminIdentity ann = ask(*authority, operating.token);
  EXPECT_EQ(ann.who.name, "ann");
  EXPECT_EQ(ann.who.rights, Rights({Right::kView, Right::kOperate}));
}

TEST_F(AdminAuthorityTest, WithoutATokenNobodyIsKnown) {
  const auto authority = make();
  const AdminIdentity nothing = authority->identify({"10.0.0.1", std::nullopt, ""}, kNow);
  EXPECT_EQ(nothing.status, 401);
  EXPECT_EQ(nothing.www_authenticate, R"(Bearer realm="eddy admin")");
  EXPECT_EQ(authority->identify({"10.0.0.1", "Basic YTpi", ""}, kNow).status, 401);
  const AdminIdentity wrong = ask(*authority, viewer.token + "x");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_THAT(wrong.www_authenticate, HasSubstr(R"(error="invalid_token")"));
  EXPECT_EQ(ask(*authority, std::string(20'000, 'x')).status, 401);
}

TEST_F(AdminAuthorityTest, ASecretOfTheEnvironmentIsATokenToo) {
  settings.tokens.push_back({.name = "ci", .secret = "a secret of the environment", .rights = {"operate"}});
  EXPECT_EQ(ask(*make(), "a secret of the environment").who.name, "ci");
}

TEST_F(AdminAuthorityTest, ATokenExpires) {
  settings.tokens[0].expires = "2027-01-15T08:00:00Z";  // kNow
  const auto authority = make();
  EXPECT_EQ(ask(*authority, viewer.token, "10.0.0.1", kNow - 1).status, 0);
  const AdminIdentity late = ask(*authority, viewer.token);
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(late.message, "the token has expired");
}

TEST_F(AdminAuthorityTest, GuessingIsSlowedDownAndHidesNoHit) {
  const auto authority = make();
  EXPECT_EQ(ask(*authority, viewer.token).status, 0) << "shown to be right before";
  int guesses = 0;
  while (guesses < 100 && ask(*authority, "guess " + std::to_string(guesses)).status == 401) ++guesses;
  EXPECT_LE(guesses, 10);
  const AdminIdentity late = ask(*authority, "another guess");
  EXPECT_EQ(late.status, 429);
  EXPECT_GT(late.retry_after_s, 0u);
  EXPECT_EQ(ask(*authority, operating.token).status, 429) << "a right guess is not told from a wrong one";
  EXPECT_EQ(ask(*authority, viewer.token).status, 0) << "who was in stays in";
  EXPECT_EQ(ask(*authority, operating.token, "10.0.0.2").status, 0) << "others are not held up";
  EXPECT_EQ(ask(*authority, operating.token, "10.0.0.1", kNow + 2 * kSecond).status, 0);
}

TEST_F(AdminAuthorityTest, WithoutAnyTokenEverybodyIsLocalAndMayDoAll) {
  settings.tokens.clear();
  const auto authority = make();
  EXPECT_FALSE(authority->closed());
  const AdminIdentity local = authority->identify({"127.0.0.1", std::nullopt, ""}, kNow);
  EXPECT_EQ(local.who.name, "local");
  EXPECT_EQ(local.who.rights, Rights::all());
  EXPECT_EQ(ask(*authority, "whatever").status, 0) << "a token that nobody asks for does no harm";
  EXPECT_FALSE(ask(*authority, "whatever").by_token);
}

TEST_F(AdminAuthorityTest, ACertificateStandsInForAToken) {
  settings.tls = {"c", "k", "ca", ClientCertificates::kOptional};
  settings.certificate_rights = {"view", "reveal"};
  const auto authority = make();
  EXPECT_TRUE(authority->closed());
  const AdminIdentity shown = authority->identify({"10.0.0.1", std::nullopt, "/CN=ann\n"}, kNow);
  EXPECT_EQ(shown.who.name, "/CN=ann?");
  EXPECT_EQ(shown.who.rights, Rights({Right::kView, Right::kReveal}));
  EXPECT_EQ(authority->identify({"10.0.0.1", std::nullopt, ""}, kNow).status, 401);
  EXPECT_EQ(authority->identify({"10.0.0.1", "Bearer " + operating.token, "/CN=ann"}, kNow).who.name, "ann")
      << "a token goes first";
}

TEST_F(AdminAuthorityTest, WithRequiredCertificatesATokenIsNeededAsWell) {
  settings.tls = {"c", "k", "ca", ClientCertificates::kRequired};
  EXPECT_EQ(make()->identify({"10.0.0.1", std::nullopt, "/CN=ann"}, kNow).status, 401);
  settings.tokens.clear();
  EXPECT_TRUE(make()->closed());
  EXPECT_EQ(make()->identify({"10.0.0.1", std::nullopt, "/CN=ann"}, kNow).status, 0);
}

TEST_F(AdminAuthorityTest, OptionalCertificatesAloneCloseNothing) {
  settings.tls = {"c", "k", "ca", ClientCertificates::kOptional};
  settings.tokens.clear();
  EXPECT_FALSE(make()->closed());
}

TEST_F(AdminAuthorityTest, SaysWhichTokenIsWrong) {
  settings.tokens[1].hash = "sha256:12";
  EXPECT_THAT(AdminAuthority::make(settings).error().text, HasSubstr("admin.tokens: ann: hash: expected sha256:"));
  settings.tokens[1].hash = operating.hash;
  settings.tokens[1].rights = {"root"};
  EXPECT_THAT(AdminAuthority::make(settings).error().text, HasSubstr("ann: rights: expected view, operate or reveal"));
  settings.tokens[1].rights = {"view"};
  settings.tokens[1].expires = "soon";
  EXPECT_THAT(AdminAuthority::make(settings).error().text, HasSubstr("ann: expires: expected a time"));
}

}  // namespace
}  // namespace eddy::host
