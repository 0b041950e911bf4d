// SPDX-License-Identifier: Apache-2.0
#include "http/secret.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace eddy::host {
namespace {

constexpr std::string_view kSha256 = "sha256:";
constexpr std::string_view kPrefix = "eddy_";  // by which scanners of secrets know it
constexpr std::size_t kRandomBytes = 32;

}  // namespace

void start_sodium() {
  if (sodium_init() < 0) std::abort();
}

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

Sha256Digest token_digest(std::string_view token) {
  Sha256Digest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  return digest;
}

std::optional<Sha256Digest> digest_of_hash(std::string_view hash) {
  if (!hash.starts_with(kSha256)) return std::nullopt;
  const std::string_view digits = hash.substr(kSha256.size());
  Sha256Digest digest{};
  std::size_t size = 0;
  const int failed =
      sodium_hex2bin(digest.data(), digest.size(), digits.data(), digits.size(), nullptr, &size, nullptr);
  if (failed != 0 || size != digest.size() || digits.size() != 2 * size) return std::nullopt;
  return digest;
}

// Word by word: a hundred tokens are compared with every request.
bool same_digest(const Sha256Digest& a, const Sha256Digest& b) {
  using Words = std::array<std::uint64_t, sizeof(Sha256Digest) / sizeof(std::uint64_t)>;
  Words x, y;
  std::memcpy(x.data(), a.data(), sizeof x);
  std::memcpy(y.data(), b.data(), sizeof y);
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i < x.size(); ++i) differ |= x[i] ^ y[i];
  return differ == 0;
}

}  // namespace eddy::host
