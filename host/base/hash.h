// SPDX-License-Identifier: Apache-2.0
// Digests: SHA-256 by OpenSSL, CRC32C by the CPU where it can.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace eddy::host {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Incremental SHA-256. Reusable after finish(). Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  Sha256Digest finish();  // and starts anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Digest sha256(std::string_view bytes);

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
inline std::string to_hex(const Sha256Digest& digest) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), as Kafka and most stores use it. `seed` is the CRC of what came before.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);
// The same without help of the CPU, for those that have none.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace eddy::host
