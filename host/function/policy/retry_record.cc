// SPDX-License-Identifier: Apache-2.0
#include "function/policy/retry_record.h"

#include <charconv>

#include "base/encoding.h"

namespace eddy::host {
namespace {

enum Part : std::uint8_t { kAttempts, kDue, kStream, kPartition, kOffset, kTimestamp };

constexpr std::array<std::string_view, 6> kNames = {"__eddy.retry.attempts", "__eddy.retry.due",
                                                    "__eddy.retry.stream",   "__eddy.retry.partition",
                                                    "__eddy.retry.offset",   "__eddy.retry.timestamp"};

// "2026-11-23T20:31:05.123Z"; never earlier than `microseconds`.
std::string rfc3339_ms(std::int64_t microseconds) {
  std::string text = to_rfc3339(microseconds + 999);
  text.erase(text.size() - 4, 3);
  return text;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_time(std::string_view text, std::int64_t& microseconds) {
  const auto time = from_rfc3339(text);
  if (time) microseconds = *time;
  return time.has_value();
}

Error bad(std::string_view what, std::string_view expected, std::string_view found) {
  return {Code::kBadData, "a record of a retry stream: header " + std::string(what) + ": expected " +
                              std::string(expected) + ", found " + std::string(found)};
}

}  // namespace

const OutRecord& RetryRecord::wrap(const Record& record, const RecordOrigin& origin, const Wait& wait,
                                   std::uint32_t to) {
  texts_[kAttempts] = std::to_string(wait.attempts);
  texts_[kDue] = rfc3339_ms(wait.due_us);
  texts_[kStream] = origin.stream;
  texts_[kPartition] = std::to_string(origin.partition);
  texts_[kOffset] = std::to_string(origin.offset);
  texts_[kTimestamp] = std::to_string(record.timestamp_us);
  headers_.assign(record.headers.begin(), record.headers.end());
  for (std::size_t i = 0; i < kAdded; ++i) headers_.push_back({kNames[i], texts_[i]});
  wrapped_ = {.key = record.key, .value = record.value, .headers = headers_, .timestamp_us = 0, .partition = to};
  return wrapped_;
}

Result<RetryRecord::Unwrapped> RetryRecord::unwrap(const Record& record) {
  const std::size_t count = record.headers.size();
  std::array<std::string_view, kAdded> texts;
  for (std::size_t i = 0; i < kAdded; ++i) {
    const std::string_view name = count < kAdded ? "" : record.headers[count - kAdded + i].name.view();
    if (name != kNames[i])
      return bad(kNames[i], "it at place " + std::to_string(kAdded - i) + " from the end",
                 name.empty() ? "none" : name);
    texts[i] = record.headers[count - kAdded + i].value.view();
  }
  Unwrapped out{record, {.stream = texts[kStream]}};
  Record& original = out.record;
  if (!read_number(texts[kAttempts], original.attempts)) return bad(kNames[kAttempts], "a number", texts[kAttempts]);
  if (!read_time(texts[kDue], original.due_us)) return bad(kNames[kDue], "an RFC 3339 time", texts[kDue]);
  if (texts[kStream].empty()) return bad(kNames[kStream], "the name of a stream", "nothing");
  if (!read_number(texts[kPartition], original.partition))
    return bad(kNames[kPartition], "a number", texts[kPartition]);
  if (!read_number(texts[kOffset], original.offset)) return bad(kNames[kOffset], "a number", texts[kOffset]);
  if (!read_number(texts[kTimestamp], original.timestamp_us)) {
    return bad(kNames[kTimestamp], "a number", texts[kTimestamp]);
  }
  original.headers = record.headers.first(count - kAdded);
  out.origin.partition = original.partition;
  out.origin.offset = original.offset;
  return out;
}

}  // namespace eddy::host
