// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/letter_key.h"

#include <sodium.h>

#include <mutex>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"

namespace eddy::host {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHead = 1 + kIdBytes + kNonceBytes;
static_assert(LetterKey::kOverhead == kHead + kTagBytes);
static_assert(LetterKey::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string context_of(std::string_view letter_id, std::string_view digest) {
  std::string context("eddy.dead_letter.1");
  context.push_back('\0');
  // A lean letter keeps no more of either.
  context.append(letter_id.substr(0, 64)).push_back('\0');
  return context.append(digest.substr(0, 64));
}

std::string from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int wrong = sodium_hex2bin(raw(bytes), bytes.size(), text.data(), text.size(), nullptr, &size, &end);
  return wrong == 0 && end == text.data() + text.size() ? bytes.substr(0, size) : std::string();
}

struct Shared {
  std::mutex mutex;
  KeyringPtr keys = std::make_shared<const Keyring>();
};

Shared& shared() {
  static Shared shared;
  return shared;
}

}  // namespace

Result<LetterKeyPtr> LetterKey::parse(std::string_view text) {
  std::string bytes = text.size() == 2 * kBytes ? from_hex(text) : from_base64(text).value_or(std::string());
  if (bytes.size() != kBytes || ::sodium_init() < 0) {
    sodium_memzero(bytes.data(), bytes.size());
    return Error{Code::kConfig,
                 "expected a key of 32 bytes in base64 or hexadecimal (openssl rand -base64 32), found " +
                     std::to_string(text.size()) + " characters that are none"};
  }
  std::shared_ptr<LetterKey> key(new LetterKey);
  std::copy(bytes.begin(), bytes.end(), key->bytes_.begin());
  sodium_memzero(bytes.data(), bytes.size());
  std::string named("eddy.letter_key.1");
  named.append(reinterpret_cast<const char*>(key->bytes_.data()), kBytes);
  key->id_ = to_hex(sha256(named)).substr(0, 2 * kIdBytes);
  sodium_memzero(named.data(), named.size());
  return LetterKeyPtr(std::move(key));
}

LetterKey::~LetterKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::string LetterKey::text() const {
  return to_hex(std::string_view(reinterpret_cast<const char*>(bytes_.data()), kBytes));
}

void LetterKey::seal(std::string& out, std::string_view original, std::string_view letter_id,
                     std::string_view digest) const {
  const std::string context = context_of(letter_id, digest);
  out.assign(1, kVersion);
  out.append(from_hex(id_));
  out.resize(kHead + original.size() + kTagBytes);
  unsigned char* const nonce = raw(out) + 1 + kIdBytes;
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(out) + kHead, nullptr, raw(original), original.size(), raw(context),
                                             context.size(), nullptr, nonce, bytes_.data());
}

Result<void> LetterKey::open(std::string& out, std::string_view sealed, std::string_view letter_id,
                             std::string_view digest) const {
  const std::string context = context_of(letter_id, digest);
  const bool whole = sealed.size() >= kOverhead && sealed_with(sealed) == id_;
  out.assign(whole ? sealed.size() - kOverhead : 0, '\0');
  if (!whole || crypto_aead_xchacha20poly1305_ietf_decrypt(raw(out), nullptr, nullptr, raw(sealed) + kHead,
                                                           sealed.size() - kHead, raw(context), context.size(),
                                                           raw(sealed) + 1 + kIdBytes, bytes_.data()) != 0) {
    out.clear();
    return Error{Code::kCorrupt, "the encrypted original of dead letter " + std::string(letter_id) +
                                     " is not what was written: it was changed, or belongs to another letter"};
  }
  return {};
}

std::string sealed_with(std::string_view sealed) {
  if (sealed.size() < LetterKey::kOverhead || sealed.front() != kVersion) return {};
  return to_hex(sealed.substr(1, kIdBytes));
}

void use_letter_keys(KeyringPtr keys) {
  if (keys == nullptr) keys = std::make_shared<const Keyring>();
  const std::lock_guard lock(shared().mutex);
  shared().keys = std::move(keys);
}

KeyringPtr letter_keys() {
  const std::lock_guard lock(shared().mutex);
  return shared().keys;
}

Result<void> open_sealed(std::string& out, std::string_view sealed, std::string_view letter_id,
                         std::string_view digest) {
  const std::string id = sealed_with(sealed);
  if (id.empty()) {
    return Error{Code::kCorrupt, "the original of dead letter " + std::string(letter_id) +
                                     " is said to be encrypted, but not in a form that is known (version 1)"};
  }
  const KeyringPtr keys = letter_keys();
  const auto key = keys->find(id);
  if (key == keys->end()) {
    return Error{Code::kConfig, "the original of dead letter " + std::string(letter_id) + " is encrypted with key " +
                                    id + ", which is not at hand; give it in dead_letter_queues.*.encryption"};
  }
  return key->second->open(out, sealed, letter_id, digest);
}

}  // namespace eddy::host
