// SPDX-License-Identifier: Apache-2.0
#include "ingest/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/ingest_rules.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

TokenSettings setting(std::string name, std::string hash) { return {std::move(name), std::move(hash), {"*"}, ""}; }

TEST(Token, AMadeOneIsFoundByItsHash) {
  const NewToken made = make_token(), other = make_token();
  EXPECT_THAT(made.token, testing::StartsWith("eddy_"));
  EXPECT_EQ(made.token.size(), 48u);
  EXPECT_NE(made.token, other.token);
  EXPECT_TRUE(is_token_hash(made.hash));
  const auto list = TokenList::make({setting("first", other.hash), setting("second", made.hash)});
  ASSERT_TRUE(list);
  const Grant* grant = list->find(token_digest(made.token));
  ASSERT_NE(grant, nullptr);
  EXPECT_EQ(grant->name, "second");
  EXPECT_EQ(list->find(token_digest(made.token + "x")), nullptr);
  EXPECT_FALSE(list->has_slow());
}

TEST(Token, TheDigestIsSha256) {
  EXPECT_EQ(to_hex(token_digest("foo")), "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");
  EXPECT_EQ(token_digest("foo"), sha256("foo"));
}

TEST(Token, UpperCaseDigitsAreTheSameHash) {
  const auto list =
      TokenList::make({setting("a", "sha256:2C26B46B68FFC68FF99B453C1D30413413422D706483BFA0F98A5E886266E7AE")});
  ASSERT_TRUE(list);
  EXPECT_NE(list->find(token_digest("foo")), nullptr);
}

TEST(Token, Argon2idIsVerified) {
  const auto hash = hash_argon2id("a password");
  ASSERT_TRUE(hash) << hash.error().text;
  EXPECT_TRUE(is_token_hash(*hash)) << *hash;
  const auto list = TokenList::make({setting("person", *hash)});
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->has_slow());
  EXPECT_EQ(list->find(token_digest("a password")), nullptr);
  ASSERT_NE(list->find_slow("a password"), nullptr);
  EXPECT_EQ(list->find_slow("a password")->name, "person");
  EXPECT_EQ(list->find_slow("another"), nullptr);
}

TEST(Token, RoutesAreGlobs) {
  const Grant grant{"a", {"orders*", "movies/2"}, 0, 0};
  EXPECT_TRUE(grant.allows("orders"));
  EXPECT_TRUE(grant.allows("orders/3"));
  EXPECT_TRUE(grant.allows("movies/2"));
  EXPECT_FALSE(grant.allows("movies"));
  EXPECT_FALSE((Grant{"none", {}, 0, 0}.allows("orders")));
}

TEST(Token, WhatIsNoHashOrTimeIsRefusedByName) {
  const auto hash = TokenList::make({setting("shop", "sha256:geheim")});
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code, Code::kConfig);
  EXPECT_THAT(hash.error().text, HasSubstr("shop: hash: expected sha256:"));
  EXPECT_THAT(hash.error().text, testing::Not(HasSubstr("geheim")));
  TokenSettings late = setting("shop", make_token().hash);
  late.expires = "soon";
  const auto time = TokenList::make({late});
  ASSERT_FALSE(time);
  EXPECT_THAT(time.error().text, HasSubstr("shop: expires: expected a time"));
}

}  // namespace
}  // namespace eddy::host
