// SPDX-License-Identifier: Apache-2.0
#include "ingest/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ingest/token.h"
#include "support/times.h"
#include "unit/http/keys.h"

namespace eddy::host {
namespace {

using test::kNow;
using test::kSecond;
using testing::HasSubstr;
using testing::Not;

std::shared_ptr<const Authority> make(const IngestSettings& settings) {
  auto made = Authority::make(settings);
  EXPECT_TRUE(made) << made.error().text;
  return *made;
}

Admission ask(const Authority& authority, std::string_view token, std::string_view route = "movies",
              std::int64_t now_us = kNow, std::string_view address = "10.0.0.1") {
  const std::string header = "Bearer " + std::string(token);
  return authority.admit(route, {address, header, ""}, now_us);
}

class AuthorityOfTokens : public testing::Test {
 protected:
  IngestSettings settings(std::vector<std::string> routes = {"*"}, std::string expires = "") const {
    IngestSettings with;
    with.tokens = {{"other", make_token().hash, {"*"}, ""},
                   {"shop", made_.hash, std::move(routes), std::move(expires)}};
    return with;
  }
  NewToken made_ = make_token();
};

TEST(Authority, WithoutAnythingConfiguredEverybodyIsLetIn) {
  const auto authority = make({});
  const Admission admission = authority->admit("movies", {"10.0.0.1", std::nullopt, ""}, kNow);
  EXPECT_TRUE(admission.accepted());
  EXPECT_EQ(admission.name, "");
  EXPECT_EQ(admission.account, "address:10.0.0.1");
  EXPECT_TRUE(ask(*authority, "whatever").accepted());
}

TEST(Authority, ACertificateThatIsRequiredIsAskedForWhateverTheListenerDoes) {
  IngestSettings settings;
  settings.tls.certificate = "c.pem";
  settings.tls.key = "k.pem";
  settings.tls.client_ca = "ca.pem";
  settings.tls.client_certificates = ClientCertificates::kRequired;
  const auto authority = make(settings);
  const Admission plain = authority->admit("movies", {"10.0.0.1", std::nullopt, ""}, kNow);
  EXPECT_EQ(plain.status, 401);
  EXPECT_THAT(plain.message, HasSubstr("a client certificate is needed"));
  EXPECT_TRUE(authority->admit("movies", {"10.0.0.1", std::nullopt, "CN=shop"}, kNow).accepted());
}

TEST_F(AuthorityOfTokens, ATokenIsKnownByItsName) {
  const auto authority = make(settings());
  const Admission admission = ask(*authority, made_.token);
  EXPECT_TRUE(admission.accepted()) << admission.message;
  EXPECT_EQ(admission.name, "shop");
  EXPECT_EQ(admission.account, "token:shop");
  EXPECT_TRUE(authority->admit("movies", {"10.0.0.1", "bEARER   " + made_.token + " ", ""}, kNow).accepted());
}

TEST_F(AuthorityOfTokens, WhoShowsNothingIsAskedWithoutAnErrorCode) {
  const auto authority = make(settings());
  const Admission admission = authority->admit("movies", {"10.0.0.1", std::nullopt, ""}, kNow);
  EXPECT_EQ(admission.status, 401);
  EXPECT_EQ(admission.www_authenticate, R"(Bearer realm="eddy")");
  EXPECT_THAT(admission.message, HasSubstr("Authorization: Bearer"));
  for (const std::string& header : {"Basic " + made_.token, "Bearer" + made_.token, std::string("Bearer  "),
                                    std::string(""), std::string("Bearer")}) {
    const Admission other = authority->admit("movies", {"10.0.0.1", header, ""}, kNow);
    EXPECT_EQ(other.status, 401) << header;
    EXPECT_THAT(other.message, HasSubstr("another scheme")) << header;
  }
}

TEST_F(AuthorityOfTokens, AnUnknownTokenIsToldNothing) {
  const auto authority = make(settings());
  for (const std::string& token :
       {made_.token + "x", made_.token.substr(1), made_.hash, std::string("a.b.c"), std::string(1 << 20, 'x')}) {
    const Admission admission = ask(*authority, token);
    EXPECT_EQ(admission.status, 401) << token;
    EXPECT_THAT(admission.www_authenticate, HasSubstr(R"(error="invalid_token")"));
    EXPECT_THAT(admission.message, Not(HasSubstr(made_.token.substr(5, 10))));
    EXPECT_EQ(admission.name, "");
  }
}

TEST_F(AuthorityOfTokens, OtherRoutesAreForbidden) {
  const auto authority = make(settings({"orders*", "movies/2"}));
  EXPECT_TRUE(ask(*authority, made_.token, "orders").accepted());
  EXPECT_TRUE(ask(*authority, made_.token, "movies/2").accepted());
  const Admission admission = ask(*authority, made_.token, "movies\r\n");
  EXPECT_EQ(admission.status, 403);
  EXPECT_THAT(admission.www_authenticate, HasSubstr("insufficient_scope"));
  EXPECT_EQ(admission.message, "the token may not use the route movies??");
}

TEST_F(AuthorityOfTokens, ATokenEndsAtItsTime) {
  const auto authority = make(settings({"*"}, "2023-11-14T22:13:20Z"));  // kNow
  EXPECT_TRUE(ask(*authority, made_.token, "movies", kNow - 1).accepted());
  const Admission admission = ask(*authority, made_.token);
  EXPECT_EQ(admission.status, 401);
  EXPECT_EQ(admission.message, "the token has expired");
}

TEST_F(AuthorityOfTokens, LimitsHoldForEachToken) {
  IngestSettings limited = settings();
  limited.rate = {2, 100, 1};
  const auto authority = make(limited);
  const Admission first = ask(*authority, made_.token, "movies", kNow, "10.0.0.1");
  ASSERT_TRUE(first.accepted());
  EXPECT_TRUE(ask(*authority, made_.token, "movies", kNow, "10.0.0.2").accepted());
  const Admission third = ask(*authority, made_.token, "movies", kNow, "10.0.0.3");
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.retry_after_s, 1u);
  EXPECT_EQ(third.www_authenticate, "");
  EXPECT_TRUE(ask(*authority, made_.token, "movies", kNow + kSecond).accepted());
  authority->charge(first, 1000, kNow + kSecond);
  EXPECT_EQ(ask(*authority, made_.token, "movies", kNow + 2 * kSecond).status, 429);
  EXPECT_TRUE(ask(*authority, made_.token, "movies", kNow + 11 * kSecond).accepted());
}

TEST_F(AuthorityOfTokens, ThreadsShareOneLimit) {
  IngestSettings limited = settings();
  limited.rate = {100, 0, 1};
  const auto authority = make(limited);
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) accepted += ask(*authority, made_.token).accepted() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 100);
}

TEST(Authority, WithoutTokensLimitsHoldForEachAddress) {
  IngestSettings settings;
  settings.rate = {1, 0, 1};
  const auto authority = make(settings);
  const auto status = [&](const char* address) {
    return authority->admit("movies", {address, std::nullopt, ""}, kNow).status;
  };
  EXPECT_EQ(status("10.0.0.1"), 0);
  EXPECT_EQ(status("10.0.0.1"), 429);
  EXPECT_EQ(status("10.0.0.2"), 0);
  EXPECT_EQ(status("2001:db8::1"), 0);
  EXPECT_EQ(status("2001:db8::ffff:2"), 429) << "one network of 64 bits is one account";
  EXPECT_EQ(status("2001:db8:0:1::1"), 0);
  EXPECT_EQ(status("::ffff:10.0.0.7"), 0);
  EXPECT_EQ(status("::ffff:10.0.0.8"), 0) << "IPv4 addresses in IPv6 are not one network";
}

TEST(Authority, PasswordsAreCheckedOnceAndThenRemembered) {
  IngestSettings settings;
  settings.tokens = {{"person", *hash_argon2id("tea and biscuits"), {"*"}, ""}};
  const auto authority = make(settings);
  // More than an address may have checked in a moment: the later ones come from memory.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(*authority, "tea and biscuits").accepted()) << i;
}

TEST(Authority, GuessingAPasswordIsSlow) {
  IngestSettings settings;
  settings.tokens = {{"person", *hash_argon2id("tea and biscuits"), {"*"}, ""}};
  const auto authority = make(settings);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(*authority, "guess " + std::to_string(i)).status, 401);
  EXPECT_EQ(ask(*authority, "guess 5").status, 429);
  EXPECT_EQ(ask(*authority, "tea and biscuits").status, 429) << "the guesser's address waits";
  EXPECT_TRUE(ask(*authority, "tea and biscuits", "movies", kNow, "10.0.0.2").accepted());
  EXPECT_TRUE(ask(*authority, "tea and biscuits").accepted()) << "known now";
}

class AuthorityOfJwt : public testing::Test {
 protected:
  IngestSettings settings() const {
    IngestSettings with;
    with.jwt.keys = {files_.write("key.pem", test::public_pem(key_.get()))};
    return with;
  }
  std::string token(const std::string& claims) const {
    return test::make_jwt(key_.get(), R"({"alg":"ES256"})", claims);
  }
  test::Files files_;
  PublicKey key_ = test::make_ec();
};

TEST_F(AuthorityOfJwt, ASignedTokenIsLetInUntilItEnds) {
  IngestSettings with = settings();
  with.jwt.algorithm = JwtAlgorithm::kEs256;
  const auto authority = make(with);
  const std::string signed_token = token(R"({"sub":"a\nb","exp":1700000100,"scope":"eddy:ingest:movies"})");
  const Admission admission = ask(*authority, signed_token);
  EXPECT_TRUE(admission.accepted()) << admission.message;
  EXPECT_EQ(admission.name, "a?b");
  EXPECT_EQ(ask(*authority, signed_token, "orders").status, 403);
  EXPECT_TRUE(ask(*authority, signed_token, "movies", kNow + 150 * kSecond).accepted());
  EXPECT_EQ(ask(*authority, signed_token, "movies", kNow + 160 * kSecond).message, "the token has expired")
      << "also when it is known from before";
  EXPECT_EQ(ask(*authority, signed_token + "A").status, 401);
}

TEST_F(AuthorityOfJwt, AccountsAreShortAndApart) {
  IngestSettings with = settings();
  with.jwt.algorithm = JwtAlgorithm::kEs256;
  const auto authority = make(with);
  const auto account = [&](const std::string& subject) {
    return ask(*authority, token(R"({"exp":1700000100,"sub":")" + subject + "\"}")).account;
  };
  EXPECT_EQ(account("shop"), "jwt:shop");
  const std::string one = account(std::string(5000, 'x')), other = account(std::string(5000, 'x') + "y");
  EXPECT_LE(one.size(), 100u);
  EXPECT_NE(one, other);
  EXPECT_EQ(one, account(std::string(5000, 'x'))) << "two tokens of one subject";
  EXPECT_NE(account(""), "jwt:") << "tokens without a subject are not one account";
}

TEST_F(AuthorityOfJwt, AKeyOfTheWrongKindIsRefusedAtTheStart) {
  const auto made = Authority::make(settings());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, HasSubstr("ingest.jwt: "));
  EXPECT_THAT(made.error().text, HasSubstr("key.pem: expected an RSA key for RS256"));
}

class AuthorityOfCertificates : public AuthorityOfTokens {
 protected:
  IngestSettings with(ClientCertificates certificates, bool tokens) const {
    IngestSettings out = tokens ? settings() : IngestSettings();
    out.tls = {"c.pem", "k.pem", "ca.pem", certificates};
    return out;
  }
  static Admission shown(const Authority& authority, std::string_view certificate) {
    return authority.admit("movies", {"10.0.0.1", std::nullopt, certificate}, kNow);
  }
};

TEST_F(AuthorityOfCertificates, AnOptionalOneStandsInForAToken) {
  const auto authority = make(with(ClientCertificates::kOptional, true));
  EXPECT_EQ(shown(*authority, "CN=shop").name, "CN=shop");
  EXPECT_EQ(shown(*authority, "CN=shop").account, "certificate:CN=shop");
  EXPECT_EQ(shown(*authority, "").status, 401);
  EXPECT_TRUE(ask(*authority, made_.token).accepted());
}

TEST_F(AuthorityOfCertificates, ARequiredOneIsNeededBesidesTheToken) {
  const auto authority = make(with(ClientCertificates::kRequired, true));
  EXPECT_EQ(shown(*authority, "CN=shop").status, 401);
  EXPECT_EQ(ask(*authority, made_.token).status, 401);
  EXPECT_EQ(authority->admit("movies", {"10.0.0.1", "Bearer " + made_.token, "CN=shop"}, kNow).name, "shop");
  EXPECT_TRUE(shown(*make(with(ClientCertificates::kRequired, false)), "CN=shop").accepted());
}

}  // namespace
}  // namespace eddy::host
