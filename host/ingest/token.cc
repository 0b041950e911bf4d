// SPDX-License-Identifier: Apache-2.0
#include "ingest/token.h"

#include <sodium.h>

#include <algorithm>

#include "base/encoding.h"
#include "settings/glob.h"
#include "settings/ingest_rules.h"

namespace eddy::host {
namespace {

Result<Grant> grant_of(const TokenSettings& token) {
  Grant grant{token.name, token.routes, 0, 0};
  if (token.expires.empty()) return grant;
  const auto expires = from_rfc3339(token.expires);
  if (!expires) {
    return Error{Code::kConfig, "ingest.tokens: " + token.name + ": expires: expected a time such as " +
                                    "2027-01-31T00:00:00Z, found " + token.expires};
  }
  grant.expires_us = std::max<std::int64_t>(*expires, 1);
  return grant;
}

}  // namespace

Result<std::string> hash_argon2id(std::string_view secret) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed =
      crypto_pwhash_str_alg(text.data(), secret.data(), secret.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return Error{Code::kInternal, "no memory for argon2id, which takes 64 MiB"};
  return std::string(text.data());
}

bool Grant::allows(std::string_view route) const {
  return std::any_of(routes.begin(), routes.end(), [&](const std::string& glob) { return glob_match(glob, route); });
}

Result<TokenList> TokenList::make(const std::vector<TokenSettings>& settings) {
  start_sodium();
  TokenList list;
  for (const TokenSettings& token : settings) {
    if (!is_token_hash(token.hash)) {
      return Error{Code::kConfig, "ingest.tokens: " + token.name +
                                      ": hash: expected sha256:… or an argon2id string, found another text; make one " +
                                      "with: eddy token new " + token.name};
    }
    EDDY_ASSIGN(Grant grant, grant_of(token));
    if (const auto digest = digest_of_hash(token.hash)) {
      list.quick_.push_back({*digest, std::move(grant)});
    } else {
      list.slow_.push_back({token.hash, std::move(grant)});
    }
  }
  return list;
}

const Grant* TokenList::find(const Sha256Digest& digest) const {
  const Grant* found = nullptr;
  for (const Quick& entry : quick_) {
    if (same_digest(entry.digest, digest)) found = &entry.grant;
  }
  return found;
}

const Grant* TokenList::find_slow(std::string_view token) const {
  const Grant* found = nullptr;
  for (const Slow& entry : slow_) {
    if (crypto_pwhash_str_verify(entry.hash.c_str(), token.data(), token.size()) == 0) found = &entry.grant;
  }
  return found;
}

}  // namespace eddy::host
