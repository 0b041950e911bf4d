// SPDX-License-Identifier: Apache-2.0
// Keys that originals are encrypted with in their queue. FORMAT.md has the form, byte by byte.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eddy::host {

class LetterKey;
using LetterKeyPtr = std::shared_ptr<const LetterKey>;

// Immutable. XChaCha20-Poly1305; the nonce is random for each letter.
class LetterKey {
 public:
  static constexpr std::size_t kBytes = 32;
  // What sealing adds to an original: version, key id, nonce, tag.
  static constexpr std::size_t kOverhead = 1 + 8 + 24 + 16;

  // 32 bytes in base64 or hexadecimal. kConfig, without repeating the text, when it is none.
  static Result<LetterKeyPtr> parse(std::string_view text);
  ~LetterKey();
  LetterKey(const LetterKey&) = delete;
  LetterKey& operator=(const LetterKey&) = delete;

  const std::string& id() const { return id_; }  // 16 hexadecimal digits, not secret
  std::string text() const;                      // what parse() takes; secret

  // Replaces `out`. The same letter's id and digest must be given to open it.
  void seal(std::string& out, std::string_view original, std::string_view letter_id, std::string_view digest) const;
  // kCorrupt when it is not what was sealed for this letter with this key.
  Result<void> open(std::string& out, std::string_view sealed, std::string_view letter_id,
                    std::string_view digest) const;

 private:
  LetterKey() = default;
  std::array<unsigned char, kBytes> bytes_{};
  std::string id_;
};

// The id of the key that something was sealed with; empty: it is nothing sealed.
std::string sealed_with(std::string_view sealed);

// Keys by their id.
using Keyring = std::map<std::string, LetterKeyPtr, std::less<>>;
using KeyringPtr = std::shared_ptr<const Keyring>;

// The keys that this process opens letters with, wherever it reads one. [any thread]
void use_letter_keys(KeyringPtr keys);
KeyringPtr letter_keys();  // never null

// With these. kConfig when the key is not among them: the letter stays as it is, and can be read once it is.
Result<void> open_sealed(std::string& out, std::string_view sealed, std::string_view letter_id,
                         std::string_view digest);

}  // namespace eddy::host
