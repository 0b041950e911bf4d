// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/digest.h"

#include "dead_letter/text.h"

namespace eddy::host {

namespace {

// Up to here bytes are gathered: one update of a few blocks is cheaper than many of a few bytes.
constexpr std::size_t kGather = 4096;

std::string_view as_text(const Sha256Digest& digest, std::size_t size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

void LetterDigest::put_number(std::uint64_t value, int bytes) {
  char big_endian[8];
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) big_endian[i] = static_cast<char>(value & 0xFF);
  pending_.append(big_endian, static_cast<std::size_t>(bytes));
}

void LetterDigest::put(Bytes bytes) {
  put_number(bytes.null() ? 0xFFFFFFFFu : bytes.size(), 4);
  if (pending_.size() + bytes.size() <= kGather) {
    pending_.append(bytes.view());
    return;
  }
  flush();
  hash_.update(bytes.view());
}

void LetterDigest::flush() {
  hash_.update(pending_);
  pending_.clear();
}

std::string_view LetterDigest::of_record(Bytes key, Bytes value, std::span<const Header> headers) {
  put(key);
  put(value);
  put_number(headers.size(), 4);
  for (const Header& header : headers) {
    put(header.name);
    put(header.value);
  }
  flush();
  digest_.clear();
  append_hex(digest_, as_text(hash_.finish(), 32));
  return digest_;
}

std::string_view LetterDigest::id_of(const Origin& origin, std::string_view function, std::string_view error_type,
                                     std::string_view digest) {
  if (origin.api) {
    put("api");
    put(origin.route);
    put(origin.request_identity);
    put_number(static_cast<std::uint64_t>(origin.index), 8);
  } else {
    put("stream");
    put(origin.stream);
    put_number(origin.partition, 4);
    put_number(static_cast<std::uint64_t>(origin.offset), 8);
    put(function);
    put(error_type);
  }
  put(digest);
  flush();
  id_.clear();
  append_hex(id_, as_text(hash_.finish(), 16));
  return id_;
}

}  // namespace eddy::host
