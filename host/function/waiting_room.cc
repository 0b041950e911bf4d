// SPDX-License-Identifier: Apache-2.0
#include "function/waiting_room.h"

#include <algorithm>
#include <cstring>

namespace eddy::host {

namespace {

constexpr std::size_t kPadding = 64;

// Copies to `to`, which moves on; null stays null.
Bytes copy(Bytes from, char*& to) {
  if (from.null()) return from;
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
  const Bytes copied(to, from.size());
  to += from.size();
  return copied;
}

}  // namespace

HeldRecord::HeldRecord(const Record& record, const Wait& wait) : bytes_(size_of(record) + kPadding), record_(record) {
  char* to = bytes_.data();
  record_.key = copy(record.key, to);
  for (const Header& header : record.headers) {
    const Bytes name = copy(header.name, to);
    headers_.push_back({name, copy(header.value, to)});
  }
  record_.headers = headers_;
  record_.value = copy(record.value, to);  // last: the padding follows it
  this->wait(wait);
}

void HeldRecord::wait(const Wait& wait) {
  record_.attempts = wait.attempts;
  record_.due_us = wait.due_us;
}

WaitingRoom::Name WaitingRoom::name_of(const Record& record) const {
  if (!by_key_) return {record.partition, {}};
  if (record.key.null()) return {record.partition, "o" + std::to_string(record.offset)};
  return {record.partition, "k" + std::string(record.key.view())};
}

std::size_t WaitingRoom::held(std::uint32_t partition) const {
  std::size_t count = 0;
  for (auto at = lines_.lower_bound({partition, {}}); at != lines_.end() && at->first.first == partition; ++at) {
    count += at->second.size();
  }
  return count;
}

std::size_t WaitingRoom::size() const {
  std::size_t count = 0;
  for (const auto& [name, line] : lines_) count += line.size();
  return count;
}

bool WaitingRoom::blocks(const Record& record) const { return !lines_.empty() && lines_.contains(name_of(record)); }

void WaitingRoom::add(const Record& record, const Wait& wait) { lines_[name_of(record)].emplace_back(record, wait); }

std::optional<std::int64_t> WaitingRoom::next_due() const {
  if (lines_.empty()) return std::nullopt;
  const auto due_of = [](const auto& entry) { return entry.second.front().record().due_us; };
  return due_of(*std::ranges::min_element(lines_, {}, due_of));
}

WaitingRoom::Line* WaitingRoom::due(std::int64_t now_us) {
  if (lines_.empty()) return nullptr;
  const auto due_of = [](const auto& entry) { return entry.second.front().record().due_us; };
  const auto first = std::ranges::min_element(lines_, {}, due_of);
  return due_of(*first) <= now_us ? &first->second : nullptr;
}

bool WaitingRoom::pop(Line& line) {
  line.pop_front();
  if (!line.empty()) return true;
  std::erase_if(lines_, [&](const auto& entry) { return &entry.second == &line; });
  return false;
}

void WaitingRoom::drop(std::uint32_t partition) {
  std::erase_if(lines_, [&](const auto& entry) { return entry.first.first == partition; });
}

}  // namespace eddy::host
