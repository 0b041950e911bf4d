// SPDX-License-Identifier: Apache-2.0
// A record as it travels: key, value, headers, timestamp, all borrowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace eddy::host {

struct Header {
  Bytes name;
  Bytes value;  // may be null
};

// Names and values.
inline std::size_t size_of(std::span<const Header> headers) {
  std::size_t size = 0;
  for (const Header& header : headers) size += header.name.size() + header.value.size();
  return size;
}

// A record as read from a stream. How long it is valid is said by who gave it.
struct Record {
  Bytes key;
  Bytes value;
  std::span<const Header> headers;  // original order, repeats kept
  std::int64_t timestamp_us = 0;
  std::int64_t offset = 0;
  std::uint32_t partition = 0;
  // Of a record that was held for another attempt (stream/transport.h); else 0.
  std::uint32_t attempts = 0;  // calls made with it
  std::int64_t due_us = 0;     // not to be called again before
};

// A record to be written.
struct OutRecord {
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
  std::int64_t timestamp_us = 0;
  std::optional<std::uint32_t> partition;  // none: by the key's murmur2 hash, as Kafka's Java client; null key: spread
};

// Key, value and headers, as max_record_bytes counts them: without what a transport adds.
inline std::size_t size_of(const Record& record) {
  return record.key.size() + record.value.size() + size_of(record.headers);
}
inline std::size_t size_of(const OutRecord& record) {
  return record.key.size() + record.value.size() + size_of(record.headers);
}

}  // namespace eddy::host
