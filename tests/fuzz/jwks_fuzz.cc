// SPDX-License-Identifier: Apache-2.0
// JSON Web Key Sets: keys that serve the algorithm, or a reason.
#include "fuzz.h"
#include "ingest/jwt_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto algorithm : {host::JwtAlgorithm::kRs256, host::JwtAlgorithm::kEs256}) {
    const auto keys = host::parse_jwks(text, algorithm);
    if (!keys) {
      fuzz::require(!keys.error().text.empty(), "a refusal says why");
      continue;
    }
    fuzz::require(!keys->empty(), "a set that is taken has a key");
    for (const host::JwtKey& key : *keys) {
      const bool rsa = algorithm == host::JwtAlgorithm::kRs256;
      fuzz::require(EVP_PKEY_get_base_id(key.key.get()) == (rsa ? EVP_PKEY_RSA : EVP_PKEY_EC), "a key fits");
      fuzz::require(!rsa || EVP_PKEY_get_bits(key.key.get()) >= 2048, "and is not weak");
    }
  }
  return 0;
}
