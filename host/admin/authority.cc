// SPDX-License-Identifier: Apache-2.0
#include "admin/authority.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/credentials.h"

namespace eddy::host {
namespace {

constexpr std::size_t kProven = 4096;
constexpr RateSettings kFirstTimes{.requests_per_second = 1, .records_per_second = 0, .burst_s = 10};

Result<Rights> rights_of(const std::vector<std::string>& names, const std::string& where) {
  Rights rights;
  for (const std::string& name : names) {
    bool known = false;
    for (const Right right : {Right::kView, Right::kOperate, Right::kReveal}) {
      if (right_name(right) != name) continue;
      rights.add(right);
      known = true;
    }
    if (!known) return Error{Code::kConfig, where + ": expected view, operate or reveal, found " + name};
  }
  return rights;
}

AdminIdentity refused(int status, std::string message) {
  AdminIdentity out;
  out.status = status;
  out.message = std::move(message);
  return out;
}

// RFC 6750: no error code for a request that shows nothing at all.
AdminIdentity unknown(const std::string& message, bool shown) {
  AdminIdentity out = refused(401, message);
  out.www_authenticate = R"(Bearer realm="eddy admin")";
  if (shown) out.www_authenticate += R"(, error="invalid_token", error_description=")" + message + '"';
  return out;
}

// As one value: that a token is right is said of one address.
Sha256Digest pair_of(const std::string& account, const Sha256Digest& digest) {
  return token_digest(account + '\n' + to_hex(digest));
}

}  // namespace

AdminAuthority::AdminAuthority(const AdminSettings& settings)
    : certificates_(settings.tls.enabled() ? settings.tls.client_certificates : ClientCertificates::kNone),
      open_metrics_(settings.open_metrics),
      first_times_(kFirstTimes),
      proven_(kProven) {}

Result<std::shared_ptr<const AdminAuthority>> AdminAuthority::make(const AdminSettings& settings) {
  start_sodium();
  std::shared_ptr<AdminAuthority> made(new AdminAuthority(settings));
  EDDY_ASSIGN(made->certificate_rights_, rights_of(settings.certificate_rights, "admin.tls.rights"));
  for (const AdminTokenSettings& given : settings.tokens) {
    const std::string where = "admin.tokens: " + given.name;
    Token token;
    const auto digest = given.secret.empty() ? digest_of_hash(given.hash) : token_digest(given.secret);
    if (!digest) {
      return Error{Code::kConfig, where +
                                      ": hash: expected sha256:…, found another text; make one with: eddy token new "
                                      "--admin " +
                                      given.name};
    }
    token.digest = *digest;
    EDDY_ASSIGN(const Rights rights, rights_of(given.rights, where + ": rights"));
    token.holder = {given.name, rights};
    if (!given.expires.empty()) {
      const auto expires = from_rfc3339(given.expires);
      if (!expires) {
        return Error{Code::kConfig,
                     where + ": expires: expected a time such as 2027-01-31T00:00:00Z, found " + given.expires};
      }
      token.expires_us = std::max<std::int64_t>(*expires, 1);
    }
    made->tokens_.push_back(std::move(token));
  }
  return std::shared_ptr<const AdminAuthority>(std::move(made));
}

AdminIdentity AdminAuthority::identify(const AdminClaim& claim, std::int64_t now_us) const {
  AdminIdentity out;
  const bool certified = !claim.certificate.empty() && certificates_ != ClientCertificates::kNone;
  if (claim.authorization && has_tokens()) {
    const std::string_view token = bearer_token(*claim.authorization);
    if (token.empty()) return unknown("expected Authorization: Bearer TOKEN, found another scheme", false);
    return check(token, claim.address, now_us);
  }
  if (certified && (!has_tokens() || certificates_ == ClientCertificates::kOptional)) {
    out.who = {printable(claim.certificate), certificate_rights_};
    return out;
  }
  if (has_tokens()) return unknown("a token is needed: send Authorization: Bearer TOKEN", false);
  out.who = {"local", Rights::all()};
  return out;
}

AdminIdentity AdminAuthority::check(std::string_view token, std::string_view address, std::int64_t now_us) const {
  if (token.size() > kLongestToken) return unknown("the token is longer than 16 KiB", true);
  const Sha256Digest digest = token_digest(token);
  const std::string account = address_account(address);
  const Sha256Digest pair = pair_of(account, digest);
  bool proven = false;
  {
    const std::lock_guard lock(mutex_);
    proven = proven_.find(pair) != nullptr;
  }
  if (const std::uint32_t wait_s = proven ? 0 : first_times_.take(account, now_us); wait_s > 0) {
    AdminIdentity late =
        refused(429, "too many tokens from this address; try again in " + std::to_string(wait_s) + " s");
    late.retry_after_s = wait_s;
    return late;
  }
  const Token* found = find(digest);
  if (found == nullptr) return unknown("the token is not known", true);
  if (found->expires_us != 0 && now_us >= found->expires_us) return unknown("the token has expired", true);
  if (!proven) {
    const std::lock_guard lock(mutex_);
    proven_.put(pair, true);
  }
  AdminIdentity out;
  out.who = found->holder;
  out.by_token = true;
  return out;
}

// All are compared, each in constant time.
const AdminAuthority::Token* AdminAuthority::find(const Sha256Digest& digest) const {
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (same_digest(token.digest, digest)) found = &token;
  }
  return found;
}

}  // namespace eddy::host
