// SPDX-License-Identifier: Apache-2.0
// Public keys that JSON Web Tokens are checked with, from PEM files or a JSON Web Key Set.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

struct PublicKeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PublicKey = std::unique_ptr<EVP_PKEY, PublicKeyDeleter>;

struct JwtKey {
  std::string id;  // `kid`; empty: none
  PublicKey key;
};

// A public key or a certificate. kConfig, naming the file: not readable, a private key, another kind of key than the
// algorithm needs, an RSA key of less than 2048 bits, a curve other than P-256.
Result<JwtKey> read_pem_key(const std::string& file, JwtAlgorithm algorithm);

// Keys of the set that are of other kinds, or for other uses, are left out. kConfig, naming the file: not readable, no
// such set, a damaged key, no key left.
Result<std::vector<JwtKey>> read_jwks(const std::string& file, JwtAlgorithm algorithm);
Result<std::vector<JwtKey>> parse_jwks(std::string_view text, JwtAlgorithm algorithm);

// base64url without padding, exactly as RFC 7515 writes it. Empty text gives empty bytes.
bool from_base64url(std::string_view text, std::string& bytes);

std::string_view algorithm_name(JwtAlgorithm algorithm);  // "RS256"

// A member that is a text; of others, and of one that is not there, empty.
std::string text_at(const nlohmann::json& object, const char* name);

}  // namespace eddy::host
