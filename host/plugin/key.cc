// SPDX-License-Identifier: Apache-2.0
#include "plugin/key.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "base/encoding.h"
#include "base/hash.h"
#include "plugin/note.h"

namespace eddy::host {

namespace {

constexpr std::string_view kPublicTag = "eddy-public-key-v1";
constexpr std::string_view kSecretTag = "eddy-secret-key-v1";
constexpr std::string_view kPublicBegin = "eddy-public-key-";

static_assert(sizeof(PublicKey::bytes) == crypto_sign_PUBLICKEYBYTES);
static_assert(sizeof(SignatureBytes) == crypto_sign_BYTES);

// Any number of times; libsodium's functions are thread-safe after it.
void start_sodium() {
  if (sodium_init() < 0) std::abort();
}

template <typename Array>
std::string_view view_of(const Array& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const unsigned char* data_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Error bad_key(std::string_view tag, std::string_view found) {
  return Error{Code::kBadData, "expected a line of \"" + std::string(tag) +
                                   "\", 32 bytes in base64 and a name, found " + std::string(found) +
                                   "; make a pair with: eddy plugin keygen NAME"};
}

// "<tag> <base64> <name>": the bytes and the name.
Result<void> parse_line(std::string_view line, std::string_view tag, std::array<std::uint8_t, 32>& bytes,
                        std::string& name) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (line.substr(0, first) != tag) return bad_key(tag, "another first word");
  if (second == std::string_view::npos) return bad_key(tag, "a line of another form");
  auto decoded = from_base64(line.substr(first + 1, second - first - 1));
  if (!decoded || decoded->size() != bytes.size()) return bad_key(tag, "other bytes");
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  sodium_memzero(decoded->data(), decoded->size());
  name = line.substr(second + 1);
  if (!is_name(name)) return bad_key(tag, "a name of other characters than letters, digits, '_', '.' and '-'");
  return {};
}

template <typename Array>
std::string line_of(std::string_view tag, const Array& bytes, const std::string& name) {
  std::string line(tag);
  line += ' ';
  append_base64(line, view_of(bytes));
  return line + ' ' + name;
}

// Both halves of a pair, as libsodium wants them.
struct Pair {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  explicit Pair(const std::array<std::uint8_t, 32>& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
  }
  ~Pair() { sodium_memzero(secret.data(), secret.size()); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
};

}  // namespace

std::string PublicKey::id() const { return to_hex(sha256(view_of(bytes))).substr(0, kKeyIdDigits); }

std::string PublicKey::text() const { return line_of(kPublicTag, bytes, name); }

bool PublicKey::verifies(std::string_view message, const SignatureBytes& signature) const {
  return crypto_sign_verify_detached(signature.data(), data_of(message), message.size(), bytes.data()) == 0;
}

bool looks_like_public_key(std::string_view text) {
  return text.starts_with(kPublicBegin) && text.find(' ') != text.npos;
}

Result<PublicKey> parse_public_key(std::string_view text) {
  PublicKey key;
  EDDY_TRY(parse_line(text, kPublicTag, key.bytes, key.name));
  if (crypto_core_ed25519_is_valid_point(key.bytes.data()) != 1) {
    return bad_key(kPublicTag, "bytes that are no Ed25519 key");
  }
  return key;
}

SecretKey SecretKey::generate(std::string name) {
  start_sodium();
  SecretKey key;
  key.name_ = std::move(name);
  randombytes_buf(key.seed_.data(), key.seed_.size());
  return key;
}

Result<SecretKey> SecretKey::parse(std::string_view text) {
  SecretKey key;
  EDDY_TRY(parse_line(text, kSecretTag, key.seed_, key.name_));
  return key;
}

SecretKey::~SecretKey() { sodium_memzero(seed_.data(), seed_.size()); }

PublicKey SecretKey::public_key() const { return PublicKey{Pair(seed_).open, name_}; }

SignatureBytes SecretKey::sign(std::string_view message) const {
  SignatureBytes signature;
  crypto_sign_detached(signature.data(), nullptr, data_of(message), message.size(), Pair(seed_).secret.data());
  return signature;
}

std::string SecretKey::text() const { return line_of(kSecretTag, seed_, name_); }

}  // namespace eddy::host
