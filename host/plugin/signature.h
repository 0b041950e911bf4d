// SPDX-License-Identifier: Apache-2.0
// A detached signature of a plugin file, kept beside it as <file>.sig. TRUST.md has the grammar.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "plugin/key.h"

namespace eddy::host {

inline constexpr std::string_view kSignatureSuffix = ".sig";
inline constexpr std::size_t kLongestComment = 256;

struct Signature {
  std::string key;  // id of the key that made it: by which to find it, not trusted
  SignatureBytes bytes{};
  std::string comment;  // signed with the file; may be empty

  std::string text() const;
  bool is_by(const PublicKey& key, const Sha256Digest& file) const;
};

// Exactly what text() writes: a file changed in any byte is another signature or none. kRefused.
Result<Signature> parse_signature(std::string_view text);

// kUsage when the comment is none: at most 256 bytes of UTF-8 without control characters.
Result<Signature> sign(const SecretKey& key, const Sha256Digest& file, std::string comment);

}  // namespace eddy::host
