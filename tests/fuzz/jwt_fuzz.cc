// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens. What is not signed by the key lets nobody in; what is signed lets in only while its claims hold.
//
// The first byte: bit 0, the rest is a token as a client sends it; bit 1, a scope is required; bit 2, issuer and
// audience are; bit 3, the signature is damaged. Else the rest is a header, a line end, and a payload, which are
// signed.
#include <cstdlib>
#include <fstream>
#include <optional>

#include "base/temporary_folder.h"
#include "fuzz.h"
#include "ingest/jwt.h"
#include "reference.h"
#include "unit/http/keys.h"

namespace eddy::fuzz {
namespace {

using namespace host;

constexpr std::int64_t kNowS = 1'700'000'000;
constexpr std::int64_t kLeewayS = 60;

EVP_PKEY* key() {
  static const PublicKey key = host::test::make_ec();
  return key.get();
}

JwtVerifier make_verifier(bool scope, bool strict) {
  const TemporaryFolder folder = *TemporaryFolder::make();
  JwtSettings settings;
  settings.keys = {folder.path() + "/key.pem"};
  std::ofstream(settings.keys.front()) << host::test::public_pem(key());
  settings.algorithm = JwtAlgorithm::kEs256;
  settings.leeway_s = kLeewayS;
  settings.require_scope = scope;
  if (strict) {
    settings.issuer = "https://id.example";
    settings.audience = "eddy";
  }
  return *JwtVerifier::make(settings);
}

const JwtVerifier& verifier(bool scope, bool strict) {
  static const JwtVerifier all[] = {make_verifier(false, false), make_verifier(false, true), make_verifier(true, false),
                                    make_verifier(true, true)};
  return all[(scope ? 2 : 0) + (strict ? 1 : 0)];
}

bool is_text(const Json& object, const char* name, std::string_view text) {
  return object.contains(name) && object[name].is_string() && object[name] == text;
}

void check_granted(const Grant& grant, const Json& header, const Json& claims, bool scope, bool strict) {
  require(header.is_object() && claims.is_object(), "header and payload are objects");
  require(is_text(header, "alg", "ES256") && !header.contains("crit"), "the algorithm is the one of the configuration");
  require(claims.contains("exp") && claims["exp"].is_number(), "a token has an end");
  require(claims["exp"].get<double>() + kLeewayS > static_cast<double>(kNowS), "and has not come to it");
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    require(claims[name].get<double>() - kLeewayS < static_cast<double>(kNowS) + 1, "it has begun");
  }
  if (strict) {
    require(is_text(claims, "iss", "https://id.example"), "its issuer is the one of the configuration");
    require(claims.contains("aud"), "and it is meant for us");
  }
  require(scope || !grant.routes.empty(), "without a scope it may use every route");
}

void check_signed(Input& input, bool scope, bool strict, bool damaged) {
  const std::string header(input.until('\n')), payload(input.rest());
  std::string token = host::test::make_jwt(key(), header, payload);
  if (damaged) token[token.size() - 8] = token[token.size() - 8] == 'A' ? 'B' : 'A';
  const auto grant = verifier(scope, strict).verify(token, kNowS * 1'000'000);
  if (!grant) return require(!grant.error().text.empty(), "a refusal says why");
  require(!damaged, "a damaged signature lets nobody in");
  check_granted(*grant, Json::parse(header, nullptr, false), Json::parse(payload, nullptr, false), scope, strict);
  for (const std::string& route : grant->routes) require(grant->allows("movies") || route != "*", "* is every route");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy::fuzz;
  Input input(data, size);
  const std::uint8_t mode = input.byte();
  const bool scope = (mode & 2) != 0, strict = (mode & 4) != 0;
  if ((mode & 1) == 0) {
    check_signed(input, scope, strict, (mode & 8) != 0);
    return 0;
  }
  // Nobody has signed anything for it: the key is new in each process.
  require(!verifier(scope, strict).verify(input.rest(), kNowS * 1'000'000), "what is not signed lets nobody in");
  return 0;
}
