// SPDX-License-Identifier: Apache-2.0
#include "table/feed_batch.h"

#include <cstring>
#include <new>

namespace eddy::host {

namespace {

constexpr std::size_t kPadding = 64;

}  // namespace

Bytes FeedBatch::copy(Bytes bytes, std::size_t padding) {
  if (bytes.null()) return {};
  char* const memory = arena_.allocate(bytes.size() + padding + 1);
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  std::memset(memory + bytes.size(), 0, padding);
  bytes_ += bytes.size();
  return {memory, bytes.size()};
}

void FeedBatch::add(const Record& record) {
  Record& mine = records_.emplace_back(record);
  mine.key = copy(record.key);
  mine.value = copy(record.value, kPadding);
  if (record.headers.empty()) return;
  auto* const headers = reinterpret_cast<Header*>(arena_.allocate(record.headers.size() * sizeof(Header)));
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    new (&headers[i]) Header{copy(record.headers[i].name), copy(record.headers[i].value)};
  }
  mine.headers = {headers, record.headers.size()};
}

void FeedBatch::clear() {
  records_.clear();
  arena_.reset();
  bytes_ = 0;
}

}  // namespace eddy::host
