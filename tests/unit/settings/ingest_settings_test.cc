// SPDX-License-Identifier: Apache-2.0
// The sections of the ingest listener and of tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/ingest_rules.h"
#include "settings/render.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string with_token(const std::string& rest) {
  return "ingest: { " + rest + ", tokens: [{ name: a, hash: \"" + test::kTokenHash + "\" }] }";
}

TEST(IngestSettings, FalseAndAnEmptyTextTurnTheListenerOff) {
  for (const char* off : {"false", "\"\"", "\"${EDDY_TEST_OFF:-false}\""}) {
    const LoadedSettings loaded = parse_settings("ingest: { listen: " + std::string(off) + " }", "f");
    EXPECT_THAT(test::messages(loaded), IsEmpty()) << off;
    EXPECT_EQ(loaded.settings.ingest.listen, "") << off;
    EXPECT_EQ(parse_settings(to_yaml(loaded.settings), "f").settings.ingest.listen, "") << off;
  }
  EXPECT_THAT(test::findings("ingest: { listen: true }"), ElementsAre(HasSubstr("host:port, or false for none")));
  EXPECT_THAT(test::findings("admin: { listen: false }"), ElementsAre(HasSubstr("admin.listen: expected host:port")));
}

TEST(IngestSettings, BeyondLoopbackSomebodyMustProveWhoTheyAre) {
  EXPECT_THAT(test::findings("ingest: { listen: \"0.0.0.0:4000\" }"),
              ElementsAre(HasSubstr("f:1:19: ingest.listen: expected a loopback address")));
  EXPECT_THAT(test::findings("ingest: { listen: \"[::]:4000\", tls: { certificate: c, key: k } }"),
              ElementsAre(HasSubstr("everybody could send")));
  EXPECT_THAT(test::findings("ingest: { listen: \"0.0.0.0:4000\", tls: { certificate: c, key: k, client_ca: a, "
                             "client_certificates: optional } }"),
              ElementsAre(HasSubstr("everybody could send")));
  EXPECT_THAT(test::findings("ingest: { listen: \"0.0.0.0:4000\", tls: { certificate: c, key: k, client_ca: a, "
                             "client_certificates: required } }"),
              IsEmpty());
  EXPECT_THAT(test::findings("ingest: { listen: \"0.0.0.0:4000\", jwt: { keys: [k.pem] } }"), IsEmpty());
  EXPECT_THAT(test::findings(with_token("listen: \"0.0.0.0:4000\"")), IsEmpty());
  EXPECT_THAT(test::findings("ingest: { listen: \"[::1]:4000\" }"), IsEmpty());
}

TEST(IngestSettings, HashesAreNeverShown) {
  const test::Variable variable("EDDY_TEST_HASH", test::kTokenHash);
  const LoadedSettings loaded =
      parse_settings("ingest: { tokens: [{ name: a, hash: \"" + test::kTokenHash +
                         "\" }, { name: b, hash: \"${EDDY_TEST_HASH}\" }, { name: c, hash: \"${EDDY_NONE:-" +
                         test::kTokenHash + "}\" }] }",
                     "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  ASSERT_EQ(loaded.settings.ingest.tokens.size(), 3u);
  for (const TokenSettings& token : loaded.settings.ingest.tokens) EXPECT_EQ(token.hash, test::kTokenHash);
  const std::string dump = to_yaml(loaded.settings);
  EXPECT_THAT(dump, HasSubstr("  tokens:\n    - name: a\n      hash: \"***\"\n"));
  EXPECT_THAT(dump, HasSubstr("hash: \"${EDDY_TEST_HASH}\""));
  EXPECT_THAT(dump, Not(HasSubstr(test::kTokenHash.substr(7, 20))));
}

TEST(IngestSettings, HashesHaveOneOfTwoForms) {
  EXPECT_TRUE(is_token_hash(test::kTokenHash));
  EXPECT_TRUE(is_token_hash("$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"));
  EXPECT_FALSE(is_token_hash(""));
  EXPECT_FALSE(is_token_hash("sha256:"));
  EXPECT_FALSE(is_token_hash("$argon2id$"));
  EXPECT_FALSE(is_token_hash(test::kTokenHash + "0"));
  EXPECT_FALSE(is_token_hash("sha256:" + std::string(64, 'g')));
  EXPECT_FALSE(is_token_hash(std::string(64, '0')));
  EXPECT_FALSE(is_token_hash("$argon2i$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"));
}

TEST(IngestSettings, AnEntryOfTokensHasItsPlace) {
  EXPECT_THAT(test::findings("ingest:\n  tokens:\n    - { name: a, hash: x, route: y }\n    -\n"),
              ElementsAre(HasSubstr("f:3:24: ingest.tokens[0].hash: expected \"sha256:\""),
                          HasSubstr("f:3:27: ingest.tokens[0].route: unknown key; did you mean routes?"),
                          HasSubstr("ingest.tokens[1]: expected { name, hash, routes, expires }, found another")));
}

TEST(TableSettings, SectionsAreLaidOverWhatHoldsForAll) {
  const LoadedSettings loaded = parse_settings(
      "tables:\n  batch_ms: 7\n  named:\n    \"o*\": { batch_rows: 5, on_conflict: replace }\n    orders: { "
      "on_conflict: refuse, url: \"sqlite:x.db\" }\n",
      "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  const TableSettings orders = loaded.settings.table("orders"), other = loaded.settings.table("offers");
  EXPECT_EQ(orders, (TableSettings{"sqlite:x.db", false, 5, 8'388'608, 7}));
  EXPECT_EQ(other, (TableSettings{"sqlite:./data/tables.db", true, 5, 8'388'608, 7}));
  EXPECT_EQ(loaded.settings.table("x").batch_rows, 10'000u);
}

TEST(TableSettings, PasswordsOfDatabasesAreMasked) {
  const LoadedSettings loaded = parse_settings(
      "tables: { url: \"postgresql://u:geheim@h/db\", named: { t: { url: \"clickhouse://u:geheim@h:8123/d\" } } }",
      "f");
  EXPECT_THAT(test::messages(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings.table("t").url, "clickhouse://u:geheim@h:8123/d");
  EXPECT_THAT(to_yaml(loaded.settings), Not(HasSubstr("geheim")));
  EXPECT_THAT(to_yaml(loaded.settings), HasSubstr("clickhouse://u:***@h:8123/d"));
}

}  // namespace
}  // namespace eddy::host
