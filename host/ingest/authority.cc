// SPDX-License-Identifier: Apache-2.0
#include "ingest/authority.h"

#include <algorithm>
#include <mutex>

#include "http/credentials.h"
#include "http/lru.h"
#include "http/rate_limit.h"
#include "ingest/jwt.h"
#include "ingest/token.h"

namespace eddy::host {
namespace {

constexpr std::size_t kKnownTokens = 4096;
// Checking a token against argon2id entries costs a core tens of milliseconds: so often may one address ask for it.
constexpr RateSettings kSlowChecks{.requests_per_second = 1, .records_per_second = 0, .burst_s = 5};

// Of a JWT: its `sub`, as far as accounts may remember it; without one each token is on its own.
std::string account_name(const std::string& subject, const Sha256Digest& token) {
  if (subject.empty()) return to_hex(token);
  return subject.size() <= kLongestPeerName ? subject : to_hex(token_digest(subject));
}

Admission unauthorized(std::string_view reason) {
  Admission out;
  out.status = 401;
  out.message = reason;
  // RFC 6750: no error code for a request that shows nothing at all.
  out.www_authenticate = R"(Bearer realm="eddy")";
  return out;
}

Admission invalid_token(std::string_view reason) {
  Admission out = unauthorized(reason);
  out.www_authenticate += R"(, error="invalid_token", error_description=")" + out.message + '"';
  return out;
}

Admission forbidden(std::string_view route) {
  Admission out;
  out.status = 403;
  out.message = "the token may not use the route " + printable(route);
  out.www_authenticate = R"(Bearer realm="eddy", error="insufficient_scope")";
  return out;
}

Admission too_many(std::uint32_t seconds) {
  Admission out;
  out.status = 429;
  out.retry_after_s = seconds;
  out.message = "too many requests or records; try again in " + std::to_string(seconds) + " s";
  return out;
}

}  // namespace

struct Authority::State {
  State(const IngestSettings& settings, TokenList list, std::optional<JwtVerifier> verifier)
      : tokens(std::move(list)),
        jwt(std::move(verifier)),
        certificates(settings.tls.enabled() ? settings.tls.client_certificates : ClientCertificates::kNone),
        limit(settings.rate) {}

  // A grant that was shown to be true before, and the kind of account it counts on.
  struct Known {
    Grant grant;
    std::string account;
  };

  bool asks() const { return !tokens.empty() || jwt.has_value(); }
  Admission identify(std::string_view route, const Caller& caller, std::int64_t now_us) const;
  Admission check(std::string_view token, std::string_view route, const Caller& caller, std::int64_t now_us) const;
  Result<Known> look_up(std::string_view token, const Sha256Digest& digest, std::string_view address,
                        std::int64_t now_us, std::uint32_t& wait_s) const;
  std::optional<Known> remembered(const Sha256Digest& digest) const;
  Known remember(const Sha256Digest& digest, Known one) const;

  const TokenList tokens;
  const std::optional<JwtVerifier> jwt;
  const ClientCertificates certificates;
  mutable RateLimit limit;
  mutable RateLimit slow_checks{kSlowChecks};
  mutable std::mutex mutex;  // of `known`
  mutable Lru<Sha256Digest, Known, DigestHash> known{kKnownTokens};
};

// Who it is, and whether they may use the route; nothing about limits.
Admission Authority::State::identify(std::string_view route, const Caller& caller, std::int64_t now_us) const {
  const bool certified = !caller.certificate.empty() && certificates != ClientCertificates::kNone;
  if (certificates == ClientCertificates::kRequired && !certified) {
    return unauthorized("a client certificate is needed, over TLS");
  }
  Admission out;
  if (!asks() || (certified && certificates == ClientCertificates::kOptional)) {
    out.name = printable(caller.certificate);
    out.account = certified ? "certificate:" + out.name : address_account(caller.address);
    return out;
  }
  if (!caller.authorization) return unauthorized("a token is needed: send Authorization: Bearer TOKEN");
  const std::string_view token = bearer_token(*caller.authorization);
  if (token.empty()) return unauthorized("expected Authorization: Bearer TOKEN, found another scheme");
  return check(token, route, caller, now_us);
}

Admission Authority::State::check(std::string_view token, std::string_view route, const Caller& caller,
                                  std::int64_t now_us) const {
  if (token.size() > kLongestToken) return invalid_token("the token is longer than 16 KiB");
  std::uint32_t wait_s = 0;
  const Result<Known> found = look_up(token, token_digest(token), caller.address, now_us, wait_s);
  if (wait_s > 0) return too_many(wait_s);
  if (!found) return invalid_token(found.error().text);
  const Grant& grant = found->grant;
  if (const std::string_view fault = out_of_time(grant, now_us); !fault.empty()) return invalid_token(fault);
  if (!grant.allows(route)) return forbidden(route);
  Admission out;
  out.name = grant.name;
  out.account = found->account;
  return out;
}

Result<Authority::State::Known> Authority::State::look_up(std::string_view token, const Sha256Digest& digest,
                                                          std::string_view address, std::int64_t now_us,
                                                          std::uint32_t& wait_s) const {
  if (const Grant* grant = tokens.find(digest)) return Known{*grant, "token:" + grant->name};
  if (auto one = remembered(digest)) return *std::move(one);
  // Two dots: made by an identity provider, and no password that somebody chose.
  if (jwt && std::count(token.begin(), token.end(), '.') == 2) {
    EDDY_ASSIGN(Grant grant, jwt->verify(token, now_us));
    const std::string account = "jwt:" + account_name(grant.name, digest);
    grant.name = printable(grant.name);
    return remember(digest, {std::move(grant), account});
  }
  if (tokens.has_slow()) {
    wait_s = slow_checks.take(address_account(address), now_us);
    const Grant* grant = wait_s == 0 ? tokens.find_slow(token) : nullptr;
    if (grant != nullptr) return remember(digest, {*grant, "token:" + grant->name});
  }
  return Error{Code::kRefused, "the token is not known"};
}

std::optional<Authority::State::Known> Authority::State::remembered(const Sha256Digest& digest) const {
  const std::lock_guard lock(mutex);
  const Known* one = known.find(digest);
  return one != nullptr ? std::optional(*one) : std::nullopt;
}

Authority::State::Known Authority::State::remember(const Sha256Digest& digest, Known one) const {
  const std::lock_guard lock(mutex);
  return known.put(digest, std::move(one));
}

Authority::Authority(std::unique_ptr<State> state) : state_(std::move(state)) {}
Authority::~Authority() = default;

Result<std::shared_ptr<const Authority>> Authority::make(const IngestSettings& settings) {
  EDDY_ASSIGN(TokenList tokens, TokenList::make(settings.tokens));
  std::optional<JwtVerifier> jwt;
  if (settings.jwt.enabled()) {
    auto made = JwtVerifier::make(settings.jwt);
    if (!made) return in_context("ingest.jwt", made.take_error());
    jwt = *std::move(made);
  }
  auto state = std::make_unique<State>(settings, std::move(tokens), std::move(jwt));
  return std::shared_ptr<const Authority>(new Authority(std::move(state)));
}

Admission Authority::admit(std::string_view route, const Caller& caller, std::int64_t now_us) const {
  Admission out = state_->identify(route, caller, now_us);
  if (!out.accepted()) return out;
  const std::uint32_t wait_s = state_->limit.take(out.account, now_us);
  if (wait_s == 0) return out;
  Admission late = too_many(wait_s);
  late.name = std::move(out.name);
  return late;
}

void Authority::charge(const Admission& admission, std::uint64_t records, std::int64_t now_us) const {
  if (admission.accepted()) state_->limit.charge(admission.account, records, now_us);
}

}  // namespace eddy::host
