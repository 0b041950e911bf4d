// SPDX-License-Identifier: Apache-2.0
#include "webhook/signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hash.h"

namespace eddy::host::webhook {

std::string signature(std::string_view secret, std::int64_t now_s, std::string_view body) {
  const std::string text = fmt::format("{}.{}", now_s, body);
  Sha256Digest digest{};
  unsigned size = static_cast<unsigned>(digest.size());
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return fmt::format("t={},v1={}", now_s, to_hex(digest));
}

}  // namespace eddy::host::webhook
