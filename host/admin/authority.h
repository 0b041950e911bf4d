// SPDX-License-Identifier: Apache-2.0
// Who an operator is, and what they may do.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/rights.h"
#include "base/result.h"
#include "http/lru.h"
#include "http/rate_limit.h"
#include "http/secret.h"
#include "settings/admin_settings.h"

namespace eddy::host {

// What is known of a request. Borrowed for the call.
struct AdminClaim {
  std::string_view address;                       // of the peer, without its port
  std::optional<std::string_view> authorization;  // the header's value; none: no such header
  std::string_view certificate;                   // subject of the verified client certificate; empty: none
};

struct AdminIdentity {
  Operator who{};
  bool by_token = false;  // they showed something that no page of others can send for them

  int status = 0;  // 0: known; else 401 or 429, and then:
  std::string message{};
  std::string www_authenticate{};
  std::uint32_t retry_after_s = 0;
};

// Immutable but for its memory of who came before; thread-safe. A reload makes a new one.
//
// Wrong tokens are limited by address: ten at once, then one a second. Over the limit every token that this address has
// not shown to be right before is refused unread, or guessing would go on behind the refusals.
class AdminAuthority {
 public:
  // kConfig, naming the token: a hash, a right or a time that is none.
  static Result<std::shared_ptr<const AdminAuthority>> make(const AdminSettings& settings);

  // False: everybody is "local" and may do everything.
  bool asks() const { return !tokens_.empty() || certificates_ != ClientCertificates::kNone; }
  bool has_tokens() const { return !tokens_.empty(); }
  ClientCertificates certificates() const { return certificates_; }
  bool open_metrics() const { return open_metrics_; }
  // True when nobody comes in without a certificate or a token.
  bool closed() const { return !tokens_.empty() || certificates_ == ClientCertificates::kRequired; }

  AdminIdentity identify(const AdminClaim& claim, std::int64_t now_us) const;

 private:
  struct Token {
    Sha256Digest digest{};
    Operator holder;
    std::int64_t expires_us = 0;  // 0: never
  };

  explicit AdminAuthority(const AdminSettings& settings);
  const Token* find(const Sha256Digest& digest) const;
  AdminIdentity check(std::string_view token, std::string_view address, std::int64_t now_us) const;

  const ClientCertificates certificates_;
  const bool open_metrics_;
  Rights certificate_rights_;
  std::vector<Token> tokens_;
  mutable RateLimit first_times_;
  mutable std::mutex mutex_;                            // of `proven_`
  mutable Lru<Sha256Digest, bool, DigestHash> proven_;  // addresses and tokens, together
};

}  // namespace eddy::host
