// SPDX-License-Identifier: Apache-2.0
#include "function/staging.h"

namespace eddy::host {

namespace {
constexpr std::size_t kKeepBytes = 1 << 20;  // memory kept after a huge output, of each kind

template <typename Container>
void reuse(Container& memory) {
  memory.clear();
  if (memory.capacity() * sizeof(memory[0]) > kKeepBytes) memory.shrink_to_fit();
}
}  // namespace

Staging::Piece Staging::copy(Bytes bytes) {
  if (bytes.null()) return {};
  const Piece piece{bytes_.size(), bytes.size(), false};
  bytes_.append(bytes.view());
  return piece;
}

void Staging::add(const Output& output) {
  const std::size_t value_begin = bytes_.size();
  bytes_.append(output.value.view());
  add_encoded(output, value_begin);
  if (output.value.null()) entries_.back().value = {};
}

void Staging::add_encoded(const Output& output, std::size_t value_begin) {
  Entry entry;
  entry.to = output.to;
  entry.value = {value_begin, bytes_.size() - value_begin, false};
  entry.key = copy(output.key);
  entry.inherit_headers = output.inherit_headers;
  entry.header_begin = headers_.size();
  entry.header_count = output.headers.size();
  for (const Header& header : output.headers) headers_.emplace_back(copy(header.name), copy(header.value));
  entry.timestamp_us = output.timestamp_us;
  entry.partition = output.partition;
  entries_.push_back(entry);
}

Staging::Output Staging::at(std::size_t index) {
  const Entry& entry = entries_[index];
  const OutRecord record = resolve(entry, {});
  return {entry.to,           record.key,     record.value, record.headers, entry.inherit_headers,
          entry.timestamp_us, entry.partition};
}

OutRecord Staging::resolve(const Entry& entry, std::span<const Header> inherited) {
  OutRecord record{at(entry.key), at(entry.value), inherited, entry.timestamp_us, entry.partition};
  if (entry.inherit_headers) return record;
  resolved_.clear();
  for (std::size_t i = 0; i < entry.header_count; ++i) {
    const auto& [name, value] = headers_[entry.header_begin + i];
    resolved_.push_back({at(name), at(value)});
  }
  record.headers = resolved_;
  return record;
}

Result<void> Staging::write(Session& session, std::span<const Header> inherited) {
  if (entries_.size() > 1) {
    for (const Entry& entry : entries_) EDDY_TRY(session.check(entry.to, resolve(entry, inherited)));
  }
  for (const Entry& entry : entries_) EDDY_TRY(session.write(entry.to, resolve(entry, inherited)));
  return {};
}

void Staging::clear() {
  reuse(entries_);
  reuse(headers_);
  reuse(resolved_);
  reuse(bytes_);
}

}  // namespace eddy::host
