// SPDX-License-Identifier: Apache-2.0
// The Ed25519 keys that sign plugins, and their text: one line each, TRUST.md has the grammar.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

using SignatureBytes = std::array<std::uint8_t, 64>;

inline constexpr std::size_t kKeyIdDigits = 16;

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  std::string name;  // of letters, digits, '_', '.' and '-': for people, the bytes alone decide

  // The first 16 hexadecimal digits of the SHA-256 of its bytes.
  std::string id() const;
  std::string text() const;  // without a line end
  bool verifies(std::string_view message, const SignatureBytes& signature) const;
};

// One line, with or without its end. kBadData when it is none.
Result<PublicKey> parse_public_key(std::string_view text);

// True for what means to be a public key, be it damaged; other texts are paths of files.
bool looks_like_public_key(std::string_view text);

// Wipes what it holds when it goes.
class SecretKey {
 public:
  static SecretKey generate(std::string name);
  // One line, with or without its end. No error repeats any of it.
  static Result<SecretKey> parse(std::string_view text);

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  PublicKey public_key() const;
  SignatureBytes sign(std::string_view message) const;
  std::string text() const;  // without a line end; to be wiped by whoever asks

 private:
  SecretKey() = default;

  std::array<std::uint8_t, 32> seed_{};
  std::string name_;
};

}  // namespace eddy::host
