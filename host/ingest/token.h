// SPDX-License-Identifier: Apache-2.0
// Bearer tokens that are known by their hash alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/secret.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

// An argon2id string, for a secret that people chose; it takes tens of milliseconds to check. kInternal: no memory.
Result<std::string> hash_argon2id(std::string_view secret);

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
