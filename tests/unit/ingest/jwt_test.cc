// SPDX-License-Identifier: Apache-2.0
#include "ingest/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <functional>

#include "support/times.h"
#include "unit/http/keys.h"

namespace eddy::host {
namespace {

using test::kNow;
using test::kSecond;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRs256 = R"({"alg":"RS256","typ":"JWT"})";
constexpr const char* kEs256 = R"({"alg":"ES256"})";
constexpr const char* kClaims = R"({"sub":"shop","exp":1700000600})";

EVP_PKEY* rsa() {
  static const PublicKey key = test::make_rsa();
  return key.get();
}
EVP_PKEY* ec() {
  static const PublicKey key = test::make_ec();
  return key.get();
}

JwtSettings given(const std::function<void(JwtSettings&)>& change) {
  JwtSettings settings;
  change(settings);
  return settings;
}

class Jwt : public testing::Test {
 protected:
  JwtVerifier verifier(JwtSettings settings = {}) {
    const bool is_rsa = settings.algorithm == JwtAlgorithm::kRs256;
    if (!settings.enabled()) settings.keys = {files_.write("key.pem", test::public_pem(is_rsa ? rsa() : ec()))};
    auto made = JwtVerifier::make(settings);
    EXPECT_TRUE(made) << made.error().text;
    return *std::move(made);
  }
  // Why a token is refused; empty: it is not.
  static std::string fault(const JwtVerifier& verifier, const std::string& token, std::int64_t now_us = kNow) {
    const auto grant = verifier.verify(token, now_us);
    return grant ? "" : grant.error().text;
  }
  std::string claims_fault(const std::string& claims, const JwtSettings& settings = {}) {
    return fault(verifier(settings), test::make_jwt(rsa(), kRs256, claims));
  }

  test::Files files_;
};

TEST(Base64Url, TakesItsOwnCharactersAndNoOther) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    const std::string text{'A', 'A', 'A', static_cast<char>(c)};
    const bool own = c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_');
    EXPECT_EQ(from_base64url(text, bytes), own) << c;
    EXPECT_EQ(bytes.size(), own ? 3U : 0U) << c;
  }
}

TEST_F(Jwt, BothAlgorithmsAreVerified) {
  const auto grant = verifier().verify(test::make_jwt(rsa(), kRs256, kClaims), kNow);
  ASSERT_TRUE(grant) << grant.error().text;
  EXPECT_EQ(grant->name, "shop");
  EXPECT_THAT(grant->routes, ElementsAre("*"));
  EXPECT_EQ(grant->expires_us, (1'700'000'600 + 60) * kSecond);
  EXPECT_EQ(fault(verifier(given([&](JwtSettings& s) { s.algorithm = JwtAlgorithm::kEs256; })),
                  test::make_jwt(ec(), kEs256, kClaims)),
            "");
}

TEST_F(Jwt, TheAlgorithmIsNeverTheTokensChoice) {
  const JwtVerifier with_rsa = verifier();
  const std::string none = test::base64url(R"({"alg":"none"})") + "." + test::base64url(kClaims) + ".";
  EXPECT_THAT(fault(with_rsa, none), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(rsa(), R"({"alg":"RS512"})", kClaims)), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(rsa(), R"({"alg":"rs256"})", kClaims)), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(rsa(), R"({"alg":["RS256"]})", kClaims)), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(rsa(), R"({})", kClaims)), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(ec(), kEs256, kClaims)), HasSubstr("alg"));
  EXPECT_THAT(fault(with_rsa, test::make_jwt(ec(), kRs256, kClaims)), HasSubstr("signature"));
}

TEST_F(Jwt, ThePublicKeyIsNoPassword) {
  const std::string pem = test::public_pem(rsa());
  for (const char* alg : {"HS256", "RS256"}) {
    const std::string text = test::base64url(std::string(R"({"alg":")") + alg + "\"}") + "." + test::base64url(kClaims);
    unsigned char mac[32];
    unsigned int size = 0;
    HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), mac, &size);
    const std::string token = text + "." + test::base64url({reinterpret_cast<char*>(mac), size});
    EXPECT_NE(fault(verifier(), token), "") << alg;
  }
}

TEST_F(Jwt, WhatIsChangedIsRefused) {
  const JwtVerifier one = verifier();
  const std::string token = test::make_jwt(rsa(), kRs256, kClaims);
  const std::size_t first = token.find('.'), last = token.rfind('.');
  const std::string other = test::base64url(R"({"sub":"root","exp":1700000600})");
  EXPECT_NE(fault(one, token.substr(0, first + 1) + other + token.substr(last)), "");
  EXPECT_NE(fault(one, token.substr(0, last + 1)), "");
  EXPECT_NE(fault(one, token.substr(0, token.size() - 4)), "");
  EXPECT_NE(fault(one, token + "A"), "");
  EXPECT_NE(fault(one, token + "="), "");
  EXPECT_NE(fault(one, token + ".x"), "");
  EXPECT_NE(fault(one, "a.b"), "");
  EXPECT_NE(fault(one, ".."), "");
  EXPECT_NE(fault(one, ""), "");
  EXPECT_NE(fault(one, std::string(20'000, 'A') + ".A.A"), "");
  EXPECT_EQ(fault(one, token), "");
}

TEST_F(Jwt, AnEs256SignatureHasTwoNumbersOf32Bytes) {
  const JwtVerifier one = verifier(given([&](JwtSettings& s) { s.algorithm = JwtAlgorithm::kEs256; }));
  const std::string text = test::base64url(kEs256) + "." + test::base64url(kClaims);
  EXPECT_NE(fault(one, text + "." + test::base64url(std::string(64, '\0'))), "");
  EXPECT_NE(fault(one, text + "." + test::base64url(std::string(63, 'x'))), "");
  EXPECT_NE(fault(one, text + "." + test::base64url(std::string(64, '\xff'))), "");
}

TEST_F(Jwt, TimesHoldWithinTheLeeway) {
  const JwtVerifier one = verifier(given([&](JwtSettings& s) { s.leeway_s = 10; }));
  const std::string token = test::make_jwt(rsa(), kRs256, R"({"exp":1700000100,"nbf":1700000000,"iat":1700000000.5})");
  EXPECT_EQ(fault(one, token, kNow), "");
  EXPECT_EQ(fault(one, token, kNow + 109 * kSecond), "");
  EXPECT_THAT(fault(one, token, kNow + 110 * kSecond), HasSubstr("expired"));
  EXPECT_EQ(fault(one, token, kNow - 9 * kSecond), "");
  EXPECT_THAT(fault(one, token, kNow - 11 * kSecond), HasSubstr("not valid yet"));
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"iat":1700000100})"), HasSubstr("not valid yet"));
  EXPECT_THAT(claims_fault(R"({"exp":1e300})"), "");
  EXPECT_THAT(claims_fault(R"({"exp":-1})"), HasSubstr("expired"));
  EXPECT_THAT(claims_fault(R"({"exp":"1700000600"})"), HasSubstr("not numbers"));
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"nbf":null})"), HasSubstr("not numbers"));
  EXPECT_THAT(claims_fault(R"({"sub":"shop"})"), HasSubstr("no exp"));
  EXPECT_THAT(claims_fault("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(claims_fault("{"), HasSubstr("not a JSON object"));
}

TEST_F(Jwt, IssuerAndAudienceMustBeOurs) {
  const JwtSettings settings = given([](JwtSettings& s) { s.issuer = "me", s.audience = "eddy"; });
  EXPECT_EQ(claims_fault(R"({"exp":1700000600,"iss":"me","aud":"eddy"})", settings), "");
  EXPECT_EQ(claims_fault(R"({"exp":1700000600,"iss":"me","aud":["x","eddy"]})", settings), "");
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"aud":"eddy"})", settings), HasSubstr("iss"));
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"iss":"me2","aud":"eddy"})", settings), HasSubstr("iss"));
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"iss":"me"})", settings), HasSubstr("aud"));
  EXPECT_THAT(claims_fault(R"({"exp":1700000600,"iss":"me","aud":["eddy2"]})", settings), HasSubstr("aud"));
}

TEST_F(Jwt, ScopesAreRoutes) {
  const auto routes = [&](const std::string& claims, bool required) {
    const auto grant = verifier(given([&](JwtSettings& s) {
                         s.require_scope = required;
                       })).verify(test::make_jwt(rsa(), kRs256, claims), kNow);
    return grant ? grant->routes : std::vector<std::string>{"refused"};
  };
  EXPECT_THAT(routes(R"({"exp":1700000600,"scope":"openid eddy:ingest:orders* eddy:ingest:movies"})", false),
              ElementsAre("orders*", "movies"));
  EXPECT_THAT(routes(R"({"exp":1700000600,"scp":["eddy:ingest:a", 5]})", true), ElementsAre("a"));
  EXPECT_THAT(routes(R"({"exp":1700000600,"scope":"openid"})", false), ElementsAre("*"));
  EXPECT_THAT(routes(R"({"exp":1700000600,"scope":"openid"})", true), testing::IsEmpty());
}

TEST_F(Jwt, ExtensionsThatMustBeUnderstoodAreNot) {
  EXPECT_THAT(fault(verifier(), test::make_jwt(rsa(), R"({"alg":"RS256","crit":["b64"],"b64":false})", kClaims)),
              HasSubstr("crit"));
}

TEST_F(Jwt, KeysOfASetAreChosenByTheirIds) {
  const std::string key = R"({"kty":"RSA","kid":"one","use":"sig","n":")" +
                          test::base64url(test::number_of(rsa(), OSSL_PKEY_PARAM_RSA_N)) + R"(","e":")" +
                          test::base64url(test::number_of(rsa(), OSSL_PKEY_PARAM_RSA_E)) + "\"}";
  const std::string file =
      files_.write("jwks.json", R"({"keys":[{"kty":"oct","k":"c2VjcmV0"},{"kty":"RSA","use":"enc"},)" + key + "]}");
  const JwtVerifier one = verifier(given([&](JwtSettings& s) { s.jwks = file; }));
  EXPECT_EQ(fault(one, test::make_jwt(rsa(), R"({"alg":"RS256","kid":"one"})", kClaims)), "");
  EXPECT_EQ(fault(one, test::make_jwt(rsa(), kRs256, kClaims)), "");
  EXPECT_THAT(fault(one, test::make_jwt(rsa(), R"({"alg":"RS256","kid":"two"})", kClaims)), HasSubstr("signature"));
}

TEST_F(Jwt, ASetMayHoldCurves) {
  const std::string x = test::number_of(ec(), OSSL_PKEY_PARAM_EC_PUB_X),
                    y = test::number_of(ec(), OSSL_PKEY_PARAM_EC_PUB_Y);
  const auto padded = [](const std::string& bytes) {
    return test::base64url(std::string(32 - bytes.size(), '\0') + bytes);
  };
  const auto set = [&](const std::string& second) {
    return R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + padded(x) + R"(","y":")" + second + "\"}]}";
  };
  const std::string file = files_.write("jwks.json", set(padded(y)));
  EXPECT_EQ(fault(verifier(given([&](JwtSettings& s) {
                    s.jwks = file;
                    s.algorithm = JwtAlgorithm::kEs256;
                  })),
                  test::make_jwt(ec(), kEs256, kClaims)),
            "");
  EXPECT_FALSE(parse_jwks(set(padded(x)), JwtAlgorithm::kEs256)) << "a point that is not on the curve";
  EXPECT_FALSE(parse_jwks(set(""), JwtAlgorithm::kEs256));
  EXPECT_FALSE(parse_jwks(set(padded(y)), JwtAlgorithm::kRs256));
}

TEST_F(Jwt, KeysThatDoNotServeAreRefusedByTheirFile) {
  const auto refusal = [](JwtSettings settings) {
    const auto made = JwtVerifier::make(settings);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::kConfig);
    return made.error().text;
  };
  const auto with = [&](const std::string& text, JwtAlgorithm algorithm = JwtAlgorithm::kRs256) {
    return refusal(given([&](JwtSettings& s) {
      s.keys = {files_.write("k.pem", text)};
      s.algorithm = algorithm;
    }));
  };
  EXPECT_THAT(refusal(given([&](JwtSettings& s) { s.keys = {"/nonexistent/k.pem"}; })),
              HasSubstr("/nonexistent/k.pem: cannot be read: No such file or directory"));
  EXPECT_THAT(with("nothing"), HasSubstr("k.pem: expected a public key"));
  EXPECT_THAT(with(test::private_pem(rsa())), HasSubstr("found a private one"));
  EXPECT_THAT(with(test::public_pem(ec())), HasSubstr("expected an RSA key for RS256"));
  EXPECT_THAT(with(test::public_pem(test::make_rsa(1024).get())), HasSubstr("2048 bits at least, found 1024"));
  EXPECT_THAT(with(test::public_pem(rsa()), JwtAlgorithm::kEs256), HasSubstr("expected a key on the curve P-256"));
  EXPECT_THAT(with(test::public_pem(test::make_ec("P-384").get()), JwtAlgorithm::kEs256), HasSubstr("P-256"));
  EXPECT_THAT(refusal(given([&](JwtSettings& s) { s.jwks = files_.write("s.json", "[]"); })),
              HasSubstr("s.json: expected a JSON Web Key Set"));
  EXPECT_THAT(
      refusal(given([&](JwtSettings& s) { s.jwks = files_.write("s.json", R"({"keys":[{"kty":"oct","k":"eA"}]})"); })),
      HasSubstr("s.json: expected a key for RS256, found none among 1"));
  EXPECT_THAT(refusal(given([&](JwtSettings& s) {
                s.jwks = files_.write("s.json", R"({"keys":[{"kty":"RSA","kid":"x","n":"!","e":"AQAB"}]})");
              })),
              HasSubstr("the key with kid \"x\" is damaged"));
}

TEST_F(Jwt, ACertificateHoldsAPublicKey) {
  const auto certificate = test::make_certificate(rsa(), "issuer", nullptr, rsa());
  const std::string file = files_.write("c.pem", test::pem_of(certificate.get()));
  EXPECT_EQ(fault(verifier(given([&](JwtSettings& s) { s.keys = {file}; })), test::make_jwt(rsa(), kRs256, kClaims)),
            "");
}

}  // namespace
}  // namespace eddy::host
