// SPDX-License-Identifier: Apache-2.0
// The sections of the admin listener.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/admin_rules.h"
#include "settings/render.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> of_token(const std::string& token) {
  return test::findings("admin: { tokens: [" + token + "] }");
}

TEST(AdminSettings, BeyondLoopbackSomebodyMustProveWhoTheyAre) {
  EXPECT_THAT(test::findings("admin: { listen: \"0.0.0.0:5001\" }"),
              ElementsAre(HasSubstr("f:1:18: admin.listen: expected a loopback address")));
  EXPECT_THAT(test::findings("admin: { listen: \"[::]:5001\", tls: { certificate: c, key: k, client_ca: a, "
                             "client_certificates: optional } }"),
              ElementsAre(HasSubstr("everybody could operate the host")));
  EXPECT_THAT(test::findings("admin: { listen: \"0.0.0.0:5001\", tls: { certificate: c, key: k, client_ca: a, "
                             "client_certificates: required } }"),
              IsEmpty());
  EXPECT_THAT(
      test::findings("admin: { listen: \"0.0.0.0:5001\", tokens: [{ name: a, hash: \"" + test::kTokenHash + "\" }] }"),
      IsEmpty());
  EXPECT_THAT(test::findings("admin: { listen: \"[::1]:5001\" }"), IsEmpty());
}

TEST(AdminSettings, ATokenIsKnownByItsHashOrComesFromTheEnvironment) {
  const test::Variable variable("EDDY_TEST_TOKEN", "a token of this test");
  const test::Variable little("EDDY_TEST_SHORT", "short");
  EXPECT_THAT(of_token("{ name: a, secret: \"${EDDY_TEST_TOKEN}\" }"), IsEmpty());
  EXPECT_THAT(of_token("{ name: a, secret: \"${EDDY_TEST_SHORT}\" }"),
              ElementsAre(HasSubstr("admin.tokens[0].secret: expected at least 16 characters, found 5")));
  const auto written = of_token("{ name: a, secret: geheim-geheim-geheim }");
  EXPECT_THAT(written, ElementsAre(HasSubstr("admin.tokens[0].secret: expected a variable of the environment")));
  EXPECT_THAT(written.front(), Not(HasSubstr("geheim")));
  EXPECT_THAT(of_token("{ name: a }"), ElementsAre(HasSubstr("expected either hash or secret, found none")));
  EXPECT_THAT(of_token("{ name: a, hash: \"" + test::kTokenHash + "\", secret: \"${EDDY_TEST_TOKEN}\" }"),
              ElementsAre(HasSubstr("found both")));
  EXPECT_THAT(of_token("{ name: a, hash: x }"), ElementsAre(HasSubstr("eddy token new --admin NAME")));
}

TEST(AdminSettings, NamesAndRightsAreChecked) {
  const std::string hash = "hash: \"" + test::kTokenHash + "\"";
  EXPECT_THAT(of_token("{ " + hash + " }"), ElementsAre(HasSubstr("admin.tokens[0].name: expected a name")));
  EXPECT_THAT(of_token("{ name: a, " + hash + " }, { name: a, " + hash + " }"),
              ElementsAre(HasSubstr("a is given twice")));
  EXPECT_THAT(of_token("{ name: a, rights: [root], " + hash + " }"),
              ElementsAre(HasSubstr("rights: expected view, operate or reveal, found root")));
  EXPECT_THAT(of_token("{ name: a, rights: [], " + hash + " }"), ElementsAre(HasSubstr("found an empty list")));
  EXPECT_THAT(of_token("{ name: a, expires: soon, " + hash + " }"), ElementsAre(HasSubstr("expires: expected a time")));
  EXPECT_THAT(test::findings("admin: { tls: { rights: [operate] } }"),
              ElementsAre(HasSubstr("admin.tls.rights: needs admin.tls.client_certificates")));
}

TEST(AdminSettings, SecretsAreNeverShown) {
  const test::Variable variable("EDDY_TEST_TOKEN", "a token of this test");
  const LoadedSettings loaded = parse_settings("admin: { tokens: [{ name: a, hash: \"" + test::kTokenHash +
                                                   "\" }, { name: b, secret: \"${EDDY_TEST_TOKEN}\" }] }",
                                               "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  const std::string dump = to_yaml(loaded.settings);
  EXPECT_THAT(dump, HasSubstr("    - name: a\n      hash: \"***\"\n"));
  EXPECT_THAT(dump, HasSubstr("      secret: \"${EDDY_TEST_TOKEN}\"\n"));
  EXPECT_THAT(dump, Not(HasSubstr("of this test")));
  EXPECT_THAT(dump, Not(HasSubstr(test::kTokenHash.substr(7, 20))));
}

}  // namespace
}  // namespace eddy::host
