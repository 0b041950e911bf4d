// SPDX-License-Identifier: Apache-2.0
#include "ingest/jwt.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "http/credentials.h"

namespace eddy::host {
namespace {

using PlainJson = nlohmann::json;

constexpr std::size_t kP256Signature = 64;
constexpr std::string_view kScope = "eddy:ingest:";
constexpr std::int64_t kSecond = 1'000'000;
constexpr double kLatest = 253'402'300'799;  // the year 9999, in seconds

Error refused(std::string text) { return {Code::kRefused, std::move(text)}; }

struct Parts {
  std::string_view signed_text;  // header and payload, as they stand
  std::string header, payload, signature;
};

std::optional<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  if (token.find('.', first + 1) != last) return std::nullopt;
  Parts parts;
  parts.signed_text = token.substr(0, last);
  const bool good = from_base64url(token.substr(0, first), parts.header) &&
                    from_base64url(token.substr(first + 1, last - first - 1), parts.payload) &&
                    from_base64url(token.substr(last + 1), parts.signature);
  return good ? std::optional(std::move(parts)) : std::nullopt;
}

// JOSE writes the two numbers side by side, OpenSSL wants them in DER.
std::string to_der(const std::string& raw) {
  if (raw.size() != kP256Signature) return "";
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  constexpr int kHalf = kP256Signature / 2;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(), &ECDSA_SIG_free);
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes, kHalf, nullptr), BN_bin2bn(bytes + kHalf, kHalf, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string out = size > 0 ? std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)) : "";
  OPENSSL_free(der);
  return out;
}

bool verifies(EVP_PKEY* key, std::string_view text, const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  return good;
}

// Empty: the header is one that this host serves.
std::string_view header_fault(const PlainJson& header, JwtAlgorithm algorithm) {
  if (!header.is_object()) return "the token's header is not a JSON object";
  if (text_at(header, "alg") != algorithm_name(algorithm)) return "the token's alg is not the one that is accepted";
  // Extensions that must be understood, and none is.
  return header.contains("crit") ? "the token's header has crit, which is not supported" : "";
}

// A time claim in microseconds, moved by the leeway; none when it is not there. False: it is no number.
bool read_time(const PlainJson& claims, const char* name, std::int64_t leeway_us, std::optional<std::int64_t>& time) {
  const auto found = claims.find(name);
  if (found == claims.end()) return true;
  if (!found->is_number()) return false;
  const double seconds = std::clamp(found->get<double>(), 0.0, kLatest);
  time = static_cast<std::int64_t>(seconds * 1e6) + leeway_us;
  return true;
}

Result<Grant> read_times(const PlainJson& claims, std::uint32_t leeway_s) {
  const std::int64_t leeway = leeway_s * kSecond;
  std::optional<std::int64_t> expires, not_before, issued;
  if (!read_time(claims, "exp", leeway, expires) || !read_time(claims, "nbf", -leeway, not_before) ||
      !read_time(claims, "iat", -leeway, issued)) {
    return refused("the token's times are not numbers");
  }
  if (!expires) return refused("the token has no exp");
  Grant grant;
  grant.expires_us = std::max<std::int64_t>(*expires, 1);
  grant.not_before_us = std::max(not_before.value_or(0), issued.value_or(0));
  return grant;
}

bool has_audience(const PlainJson& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return *found == audience;
  return found->is_array() && std::find(found->begin(), found->end(), PlainJson(audience)) != found->end();
}

void add_scopes(std::string_view scopes, std::vector<std::string>& routes) {
  while (!scopes.empty()) {
    const std::size_t end = std::min(scopes.find(' '), scopes.size());
    const std::string_view scope = scopes.substr(0, end);
    if (scope.starts_with(kScope)) routes.emplace_back(scope.substr(kScope.size()));
    scopes.remove_prefix(std::min(end + 1, scopes.size()));
  }
}

// Of `scope`, a text, or of `scp`, as some providers write it, a text or a list.
std::vector<std::string> routes_of(const PlainJson& claims, bool required) {
  std::vector<std::string> routes;
  for (const char* name : {"scope", "scp"}) {
    const auto found = claims.find(name);
    if (found == claims.end()) continue;
    if (found->is_string()) add_scopes(found->get_ref<const std::string&>(), routes);
    if (!found->is_array()) continue;
    for (const PlainJson& one : *found) {
      if (one.is_string()) add_scopes(one.get_ref<const std::string&>(), routes);
    }
  }
  if (routes.empty() && !required) routes.emplace_back("*");
  return routes;
}

Result<Grant> read_claims(const PlainJson& claims, const JwtSettings& settings) {
  if (!claims.is_object()) return refused("the token's payload is not a JSON object");
  EDDY_ASSIGN(Grant grant, read_times(claims, settings.leeway_s));
  if (!settings.issuer.empty() && text_at(claims, "iss") != settings.issuer) {
    return refused("the token's iss is not the one that is accepted");
  }
  if (!settings.audience.empty() && !has_audience(claims, settings.audience)) {
    return refused("the token's aud is not the one that is accepted");
  }
  grant.name = text_at(claims, "sub");
  grant.routes = routes_of(claims, settings.require_scope);
  return grant;
}

}  // namespace

Result<JwtVerifier> JwtVerifier::make(const JwtSettings& settings) {
  JwtVerifier verifier(settings);
  for (const std::string& file : settings.keys) {
    EDDY_ASSIGN(JwtKey key, read_pem_key(file, settings.algorithm));
    verifier.keys_.push_back(std::move(key));
  }
  if (!settings.jwks.empty()) {
    EDDY_ASSIGN(std::vector<JwtKey> keys, read_jwks(settings.jwks, settings.algorithm));
    for (JwtKey& key : keys) verifier.keys_.push_back(std::move(key));
  }
  return verifier;
}

Result<Grant> JwtVerifier::verify(std::string_view token, std::int64_t now_us) const {
  if (token.size() > kLongestToken) return refused("the token is longer than 16 KiB");
  const std::optional<Parts> parts = split(token);
  if (!parts) return refused("the token is not known");
  const PlainJson header = PlainJson::parse(parts->header, nullptr, false);
  if (const std::string_view fault = header_fault(header, settings_.algorithm); !fault.empty()) {
    return refused(std::string(fault));
  }
  const bool raw = settings_.algorithm == JwtAlgorithm::kEs256;
  const std::string signature = raw ? to_der(parts->signature) : parts->signature;
  if (signature.empty() || !is_signed(text_at(header, "kid"), parts->signed_text, signature)) {
    return refused("the token's signature is not one of a known key");
  }
  EDDY_ASSIGN(Grant grant, read_claims(PlainJson::parse(parts->payload, nullptr, false), settings_));
  if (const std::string_view fault = out_of_time(grant, now_us); !fault.empty()) return refused(std::string(fault));
  return grant;
}

// A key without an id, as those from PEM files, may have signed any token.
bool JwtVerifier::is_signed(std::string_view key_id, std::string_view text, const std::string& signature) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const JwtKey& key) {
    const bool candidate = key_id.empty() || key.id.empty() || key.id == key_id;
    return candidate && verifies(key.key.get(), text, signature);
  });
}

std::string_view out_of_time(const Grant& grant, std::int64_t now_us) {
  if (grant.expires_us != 0 && now_us >= grant.expires_us) return "the token has expired";
  return now_us < grant.not_before_us ? "the token is not valid yet" : "";
}

}  // namespace eddy::host
