// SPDX-License-Identifier: Apache-2.0
// Bearer tokens that are known by their hash alone.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

struct NewToken {
  std::string token;  // "eddy_" and 43 characters: 256 random bits; for the client, and to be shown once
  std::string hash;   // "sha256:…": for the configuration
};

NewToken make_token();

// An argon2id string, for a secret that people chose; it takes tens of milliseconds to check. kInternal: no memory.
Result<std::string> hash_argon2id(std::string_view secret);

// SHA-256 without an allocation.
Sha256Digest token_digest(std::string_view token);

// A digest is as good as random: its first bytes are a hash.
struct DigestHash {
  std::size_t operator()(const Sha256Digest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

// What a token or a scope lets its holder do.
struct Grant {
  std::string name;
  std::vector<std::string> routes;  // globs
  std::int64_t not_before_us = 0;
  std::int64_t expires_us = 0;  // 0: never

  bool allows(std::string_view route) const;
};

// Immutable, thread-safe.
class TokenList {
 public:
  // kConfig, naming the token: a hash or a time that is none.
  static Result<TokenList> make(const std::vector<TokenSettings>& settings);

  bool empty() const { return quick_.empty() && slow_.empty(); }
  bool has_slow() const { return !slow_.empty(); }

  // The grant of the token with this digest; null: none of the SHA-256 entries. All are compared, each in constant
  // time.
  const Grant* find(const Sha256Digest& digest) const;
  // The same with the argon2id entries, all of them; tens of milliseconds each.
  const Grant* find_slow(std::string_view token) const;

 private:
  struct Quick {
    Sha256Digest digest{};
    Grant grant;
  };
  struct Slow {
    std::string hash;
    Grant grant;
  };
  std::vector<Quick> quick_;
  std::vector<Slow> slow_;
};

}  // namespace eddy::host
