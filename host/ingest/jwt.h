// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens (RFC 7519) signed with RS256 or ES256, and what they let their holder do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/jwt_key.h"
#include "ingest/token.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

// Immutable, thread-safe.
class JwtVerifier {
 public:
  // Reads the key files. kConfig, naming the file.
  static Result<JwtVerifier> make(const JwtSettings& settings);

  // The grant of a token that one of the keys has signed and whose claims hold now: its name is `sub`, its times have
  // the leeway in them. kRefused: why not, in words for the client. The algorithm is the one of the configuration; a
  // token that says another one is refused before its signature is looked at.
  Result<Grant> verify(std::string_view token, std::int64_t now_us) const;

 private:
  explicit JwtVerifier(const JwtSettings& settings) : settings_(settings) {}
  bool is_signed(std::string_view key_id, std::string_view text, const std::string& signature) const;

  JwtSettings settings_;
  std::vector<JwtKey> keys_;
};

// What `now_us` says about a grant's times; empty: it is valid.
std::string_view out_of_time(const Grant& grant, std::int64_t now_us);

}  // namespace eddy::host
