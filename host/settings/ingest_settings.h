// SPDX-License-Identifier: Apache-2.0
// What the configuration says about the ingest listener.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "settings/tls_settings.h"

namespace eddy::host {

enum class JwtAlgorithm : std::uint8_t { kRs256, kEs256 };

// One bearer token; the token itself is nowhere in the configuration.
struct TokenSettings {
  std::string name;                         // for the log and for limits
  std::string hash;                         // "sha256:<64 hexadecimal digits>" or "$argon2id$…"; never shown
  std::vector<std::string> routes = {"*"};  // globs on the route: "movies", "movies/2"
  std::string expires;                      // RFC 3339; empty: never
  bool operator==(const TokenSettings&) const = default;
};

struct JwtSettings {
  std::vector<std::string> keys;  // files, PEM public keys
  std::string jwks;               // file, a JSON Web Key Set
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::string issuer;    // `iss` must be it; empty: not asked for
  std::string audience;  // `aud` must have it; empty: not asked for
  std::uint32_t leeway_s = 60;
  bool require_scope = false;  // refuse a token without an eddy:ingest: scope; else such a token may use every route
  bool enabled() const { return !keys.empty() || !jwks.empty(); }
  bool operator==(const JwtSettings&) const = default;
};

// Of each token, or of each client address where there are no tokens.
struct RateSettings {
  std::uint32_t requests_per_second = 0;  // 0: no limit
  std::uint32_t records_per_second = 0;   // 0: no limit
  double burst_s = 1.0;                   // what may come at once: so many seconds' worth
  bool limited() const { return requests_per_second > 0 || records_per_second > 0; }
  bool operator==(const RateSettings&) const = default;
};

struct IngestSettings {
  std::string listen = "127.0.0.1:4000";  // empty: off
  std::uint64_t max_body_bytes = 10'485'760;
  std::uint32_t max_connections = 4096;
  std::uint32_t header_timeout_ms = 10'000;
  std::uint32_t body_timeout_ms = 30'000;
  std::uint32_t idle_timeout_ms = 60'000;
  bool access_log = false;
  std::vector<std::string> cors_origins;  // exact origins, or "*"; empty: no CORS headers
  TlsSettings tls;
  std::vector<TokenSettings> tokens;
  JwtSettings jwt;
  RateSettings rate;

  // True when every request has to prove who it is.
  bool authenticates() const {
    return !tokens.empty() || jwt.enabled() ||
           (tls.enabled() && tls.client_certificates == ClientCertificates::kRequired);
  }
  bool operator==(const IngestSettings&) const = default;
};

}  // namespace eddy::host
