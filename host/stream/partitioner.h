// SPDX-License-Identifier: Apache-2.0
// Which partition a key belongs to, the same for every producer that agrees with Kafka's Java client.
#pragma once

#include <cstdint>
#include <string_view>

namespace eddy::host {

// MurmurHash2 with the seed and the finish of Kafka's Java client.
std::uint32_t murmur2(std::string_view bytes);

// An empty key is a key; a null key has no partition and must not be asked about. `partitions` is at least 1.
inline std::uint32_t partition_of_key(std::string_view key, std::uint32_t partitions) {
  return partitions == 1 ? 0 : (murmur2(key) & 0x7fffffffu) % partitions;
}

}  // namespace eddy::host
