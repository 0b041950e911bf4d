// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage.h"

#include <algorithm>
#include <unordered_map>

namespace eddy::host {

namespace {
constexpr std::size_t kReadAtOnce = 1000;
}

Result<std::uint64_t> visit_letters(Transport& transport, const std::string& queue, const LetterVisitor& visit) {
  EDDY_ASSIGN(const auto positions, transport.positions("", queue));
  EDDY_ASSIGN(const auto browser, transport.open_browser(queue));
  LetterReader reader;
  std::uint64_t strangers = 0;
  for (const Position& position : positions) {
    std::int64_t next = position.begin;
    while (next < position.end) {
      EDDY_ASSIGN(const auto records, browser->read(position.partition, next, kReadAtOnce));
      if (records.empty()) break;
      next = records.back().offset + 1;
      for (const Record& record : records) {
        const auto letter = reader.read(record);
        if (!letter) {
          ++strangers;
        } else if (!visit(record, **letter)) {
          return strangers;
        }
      }
    }
  }
  return strangers;
}

namespace {

void fill(LetterGroup& group, const DeadLetter& letter) {
  group.fingerprint = letter.fingerprint;
  group.error_type = letter.error_type;
  group.error_message = letter.error_message;
  group.source = letter.source;
  group.function = letter.function;
  group.plugin_version = letter.plugin_version;
  group.sample_id = letter.id;
  group.first_us = letter.failed_at_us;
}

}  // namespace

Result<std::vector<LetterGroup>> group_letters(Transport& transport, const std::string& queue) {
  std::unordered_map<std::string, LetterGroup> groups;
  std::unordered_map<std::string, std::string> fingerprint_of;  // by id: the newest
  const auto visit = [&](const Record&, const DeadLetter& letter) {
    auto [known, first] = fingerprint_of.try_emplace(std::string(letter.id), letter.fingerprint);
    if (!first) {
      --groups[known->second].count;
      known->second = letter.fingerprint;
    }
    LetterGroup& group = groups[known->second];
    if (group.count == 0 && group.last_us == 0) fill(group, letter);
    ++group.count;
    group.first_us = std::min(group.first_us, letter.failed_at_us);
    group.last_us = std::max(group.last_us, letter.failed_at_us);
    return true;
  };
  EDDY_ASSIGN(const auto strangers, visit_letters(transport, queue, visit));
  static_cast<void>(strangers);
  std::vector<LetterGroup> sorted;
  for (auto& [fingerprint, group] : groups) {
    if (group.count != 0) sorted.push_back(std::move(group));
  }
  std::sort(sorted.begin(), sorted.end(), [](const LetterGroup& a, const LetterGroup& b) {
    return a.count != b.count ? a.count > b.count : a.fingerprint < b.fingerprint;
  });
  return sorted;
}

}  // namespace eddy::host
