// SPDX-License-Identifier: Apache-2.0
#include "ingest/token.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "base/encoding.h"
#include "settings/glob.h"
#include "settings/ingest_rules.h"

namespace eddy::host {
namespace {

constexpr std::string_view kSha256 = "sha256:";
constexpr std::string_view kPrefix = "eddy_";  // by which scanners of secrets know it
constexpr std::size_t kRandomBytes = 32;

// Any number of times; libsodium's functions are thread-safe after it.
void start_sodium() {
  if (sodium_init() < 0) std::abort();
}

Sha256Digest from_hex(std::string_view digits) {
  Sha256Digest digest{};
  sodium_hex2bin(digest.data(), digest.size(), digits.data(), digits.size(), nullptr, nullptr, nullptr);
  return digest;
}

// In a time that does not depend on where they differ, word by word: a hundred tokens are compared with every request.
bool same(const Sha256Digest& a, const Sha256Digest& b) {
  using Words = std::array<std::uint64_t, sizeof(Sha256Digest) / sizeof(std::uint64_t)>;
  Words x, y;
  std::memcpy(x.data(), a.data(), sizeof x);
  std::memcpy(y.data(), b.data(), sizeof y);
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i < x.size(); ++i) differ |= x[i] ^ y[i];
  return differ == 0;
}

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

NewToken make_token() {
  start_sodium();
  std::array<unsigned char, kRandomBytes> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, sodium_base64_ENCODED_LEN(kRandomBytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  NewToken made;
  made.token = std::string(kPrefix) + text.data();
  made.hash = std::string(kSha256) + to_hex(token_digest(made.token));
  return made;
}

Result<std::string> hash_argon2id(std::string_view secret) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed =
      crypto_pwhash_str_alg(text.data(), secret.data(), secret.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return Error{Code::kInternal, "no memory for argon2id, which takes 64 MiB"};
  return std::string(text.data());
}

Sha256Digest token_digest(std::string_view token) {
  Sha256Digest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  return digest;
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
    if (token.hash.starts_with(kSha256)) {
      list.quick_.push_back({from_hex(std::string_view(token.hash).substr(kSha256.size())), std::move(grant)});
    } else {
      list.slow_.push_back({token.hash, std::move(grant)});
    }
  }
  return list;
}

const Grant* TokenList::find(const Sha256Digest& digest) const {
  const Grant* found = nullptr;
  for (const Quick& entry : quick_) {
    if (same(entry.digest, digest)) found = &entry.grant;
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
