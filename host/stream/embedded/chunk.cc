// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/chunk.h"

#include <cstring>

#include "base/hash.h"

namespace eddy::host::embedded {

namespace {

// Frozen: FORMAT.md.
constexpr char kEncoding = 1;
constexpr std::uint8_t kHasKey = 1;
constexpr std::uint8_t kHasValue = 2;
constexpr std::uint8_t kHasHeaders = 4;
constexpr std::uint8_t kAllFlags = kHasKey | kHasValue | kHasHeaders;

constexpr std::size_t kMaxVarint = 10;
constexpr std::size_t kSmallestRecord = 2;  // flags and a time of one byte

std::uint64_t zigzag(std::uint64_t difference) {
  return difference << 1 ^ (difference >> 63 != 0 ? ~std::uint64_t{0} : 0);
}
std::uint64_t unzigzag(std::uint64_t coded) { return coded >> 1 ^ (~(coded & 1) + 1); }

char* put_varint(char* at, std::uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

char* put_bytes(char* at, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

bool get_long_varint(const char*& at, const char* end, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at++);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return shift < 63 || byte <= 1;
  }
  return false;
}

inline bool get_varint(const char*& at, const char* end, std::uint64_t& value) {
  if (end - at >= 2) {
    const auto low = static_cast<std::uint8_t>(at[0]);
    const auto high = static_cast<std::uint8_t>(at[1]);
    if (low < 0x80) {
      value = low;
      at += 1;
      return true;
    }
    if (high < 0x80) {
      value = (low & 0x7fu) | std::uint64_t{high} << 7;
      at += 2;
      return true;
    }
  }
  return get_long_varint(at, end, value);
}

inline bool get_bytes(const char*& at, const char* end, std::uint64_t size, Bytes& bytes) {
  if (size > static_cast<std::uint64_t>(end - at)) return false;
  bytes = Bytes(at, size);
  at += size;
  return true;
}

char* put_headers(char* at, std::span<const Header> headers) {
  at = put_varint(at, headers.size());
  for (const Header& header : headers) {
    at = put_varint(at, header.name.size());
    at = put_varint(at, header.value.null() ? 0 : header.value.size() + 1);
    at = put_bytes(at, header.name);
    at = put_bytes(at, header.value);
  }
  return at;
}

void put_u64(char*& at, std::uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) *at++ = static_cast<char>(value >> (8 * byte));
}

}  // namespace

std::uint32_t chunk_crc(std::uint32_t bytes_crc, const ChunkHeader& header) {
  char packed[6 * 8];
  char* at = packed;
  put_u64(at, header.stream);
  put_u64(at, header.partition);
  put_u64(at, static_cast<std::uint64_t>(header.base));
  put_u64(at, header.count);
  put_u64(at, static_cast<std::uint64_t>(header.first_us));
  put_u64(at, static_cast<std::uint64_t>(header.last_us));
  return crc32c(std::string_view(packed, sizeof packed), bytes_crc);
}

void ChunkWriter::append(const OutRecord& record, std::int64_t timestamp_us) {
  const std::size_t overhead = 2 + kMaxVarint * (4 + 2 * record.headers.size());
  char* at = bytes_.reserve(size_of(record) + overhead);
  if (count_ == 0) {
    *at++ = kEncoding;
    first_us_ = last_us_ = timestamp_us;
    previous_us_ = 0;
  }
  const int flags = (record.key.null() ? 0 : kHasKey) | (record.value.null() ? 0 : kHasValue) |
                    (record.headers.empty() ? 0 : kHasHeaders);
  *at++ = static_cast<char>(flags);
  at = put_varint(at, zigzag(static_cast<std::uint64_t>(timestamp_us) - static_cast<std::uint64_t>(previous_us_)));
  if (!record.key.null()) at = put_varint(at, record.key.size());
  if (!record.value.null()) at = put_varint(at, record.value.size());
  if (!record.headers.empty()) at = put_headers(at, record.headers);
  at = put_bytes(at, record.key);
  at = put_bytes(at, record.value);
  bytes_.advance_to(at);

  ++count_;
  previous_us_ = timestamp_us;
  first_us_ = std::min(first_us_, timestamp_us);
  last_us_ = std::max(last_us_, timestamp_us);
}

void ChunkWriter::clear() {
  bytes_.clear(4 * kChunkBytes);
  count_ = 0;
}

void RecordBatch::clear() {
  size_ = 0;
  headers_.clear();
  ranges_.clear();
}

bool RecordBatch::decode_headers(const char*& at, const char* end) {
  std::uint64_t count = 0;
  if (!get_varint(at, end, count)) return false;
  const std::size_t first = headers_.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t name_size = 0;
    std::uint64_t value_size = 0;
    Header header;
    if (!get_varint(at, end, name_size) || !get_varint(at, end, value_size)) return false;
    if (!get_bytes(at, end, name_size, header.name)) return false;
    if (value_size > 0 && !get_bytes(at, end, value_size - 1, header.value)) return false;
    headers_.push_back(header);
  }
  ranges_.push_back({size_, first, headers_.size() - first});
  return true;
}

bool RecordBatch::decode(std::string_view bytes, const ChunkHeader& header, std::int64_t from) {
  if (header.count == 0 || bytes.size() < 1 + header.count * kSmallestRecord || bytes[0] != kEncoding) return false;
  if (records_.size() < size_ + header.count) records_.resize(size_ + header.count);
  const std::size_t size_before = size_;
  const std::size_t headers_before = headers_.size();
  const std::size_t ranges_before = ranges_.size();

  const char* at = bytes.data() + 1;
  const char* const end = bytes.data() + bytes.size();
  std::uint64_t time = 0;
  const auto decode_one = [&](std::int64_t offset) {
    if (at == end) return false;
    const auto flags = static_cast<std::uint8_t>(*at++);
    std::uint64_t change = 0;
    std::uint64_t key_size = 0;
    std::uint64_t value_size = 0;
    if ((flags & ~kAllFlags) != 0 || !get_varint(at, end, change)) return false;
    if ((flags & kHasKey) != 0 && !get_varint(at, end, key_size)) return false;
    if ((flags & kHasValue) != 0 && !get_varint(at, end, value_size)) return false;
    const bool wanted = offset >= from;
    Record& record = records_[size_];
    if ((flags & kHasHeaders) != 0) {
      if (!decode_headers(at, end)) return false;
      if (!wanted) {
        headers_.resize(ranges_.back().first);
        ranges_.pop_back();
      }
    }
    record.key = Bytes();
    record.value = Bytes();
    record.headers = {};
    if ((flags & kHasKey) != 0 && !get_bytes(at, end, key_size, record.key)) return false;
    if ((flags & kHasValue) != 0 && !get_bytes(at, end, value_size, record.value)) return false;
    time += unzigzag(change);
    record.timestamp_us = static_cast<std::int64_t>(time);
    record.offset = offset;
    record.partition = header.partition;
    if (wanted) ++size_;
    return true;
  };

  bool good = true;
  for (std::uint32_t i = 0; good && i < header.count; ++i) good = decode_one(header.base + i);
  if (good && at == end) return true;
  size_ = size_before;
  headers_.resize(headers_before);
  ranges_.resize(ranges_before);
  return false;
}

std::span<const Record> RecordBatch::records() {
  for (const HeaderRange& range : ranges_) {
    records_[range.record].headers = std::span(headers_).subspan(range.first, range.count);
  }
  ranges_.clear();
  return {records_.data(), size_};
}

}  // namespace eddy::host::embedded
