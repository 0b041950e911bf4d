// SPDX-License-Identifier: Apache-2.0
// Tokens that are known by their hash alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace eddy::host {

struct NewToken {
  std::string token;  // "eddy_" and 43 characters: 256 random bits; for the client, and to be shown once
  std::string hash;   // "sha256:…": for the configuration
};

NewToken make_token();

// Any number of times; libsodium's functions are thread-safe after it.
void start_sodium();

// SHA-256 without an allocation.
Sha256Digest token_digest(std::string_view token);
// Of "sha256:" and 64 hexadecimal digits; none: another text.
std::optional<Sha256Digest> digest_of_hash(std::string_view hash);
// In a time that does not depend on where they differ.
bool same_digest(const Sha256Digest& a, const Sha256Digest& b);

// A digest is as good as random: its first bytes are a hash.
struct DigestHash {
  std::size_t operator()(const Sha256Digest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

}  // namespace eddy::host
