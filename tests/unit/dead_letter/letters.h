// SPDX-License-Identifier: Apache-2.0
// Records that own their bytes, and failures to make letters of.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dead_letter/reader.h"
#include "dead_letter/writer.h"

namespace eddy::host::test {

using Text = std::optional<std::string>;  // none: null

inline Bytes bytes(const Text& text) { return text ? Bytes(*text) : Bytes(); }
inline Text text(Bytes bytes) { return bytes.null() ? Text() : Text(std::string(bytes.view())); }

// A record as a transport would hand it out: its value is followed by 64 readable bytes, chosen to mislead a parser
// that looks at them.
class OwnedRecord {
 public:
  using Headers = std::vector<std::pair<std::string, Text>>;

  OwnedRecord(Text key, Text value, Headers headers = {})
      : key_(std::move(key)), value_(std::move(value)), headers_(std::move(headers)) {
    if (value_) {
      padded_ = std::make_unique<char[]>(value_->size() + 64);
      std::memcpy(padded_.get(), value_->data(), value_->size());
      std::memset(padded_.get() + value_->size(), '7', 64);
    }
    for (const auto& [name, content] : headers_) views_.push_back({name, bytes(content)});
    record_.key = bytes(key_);
    record_.value = value_ ? Bytes(padded_.get(), value_->size()) : Bytes();
    record_.headers = views_;
    record_.timestamp_us = 1'700'000'000'123'456;
    record_.offset = 123;
    record_.partition = 4;
  }
  OwnedRecord(const OwnedRecord&) = delete;
  OwnedRecord& operator=(const OwnedRecord&) = delete;

  // As if `out` had been written and read back.
  static std::unique_ptr<OwnedRecord> of(const OutRecord& out) {
    Headers headers;
    for (const Header& header : out.headers) headers.emplace_back(header.name.view(), text(header.value));
    return std::make_unique<OwnedRecord>(text(out.key), text(out.value), std::move(headers));
  }

  const Record& record() const { return record_; }
  Record& record() { return record_; }
  const Headers& headers() const { return headers_; }
  std::string_view value() const { return *value_; }

 private:
  Text key_;
  Text value_;
  Headers headers_;
  std::unique_ptr<char[]> padded_;
  std::vector<Header> views_;
  Record record_;
};

inline OwnedRecord::Headers owned(std::span<const Header> headers) {
  OwnedRecord::Headers copy;
  for (const Header& header : headers) copy.emplace_back(header.name.view(), text(header.value));
  return copy;
}

// The value of the last header of that name; none when there is none.
inline Text header(const OutRecord& record, std::string_view name) {
  Text found;
  for (const Header& header : record.headers) {
    if (header.name.view() == name) found = std::string(header.value.view());
  }
  return found;
}

inline Failure failure(std::string_view message = "Invalid timestamp: cannot be negative") {
  Failure failure;
  failure.error_type = "std::invalid_argument";
  failure.error_message = message;
  failure.function = "process_event";
  failure.plugin = "events";
  failure.plugin_version = "1.2.0";
  failure.plugin_build_id = "0123456789abcdef0123456789abcdef01234567";
  failure.plugin_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  failure.stream = "raw_events";
  failure.failed_at_us = 1'763'929'865'000'123;
  return failure;
}

inline Failure recovery_failure() {
  Failure again = failure("still negative");
  again.error_type = "std::domain_error";
  again.function = "recover_event";
  again.stream = "EventDLQ";
  again.failed_at_us = 1'763'929'866'000'000;
  return again;
}

inline LetterFault segfault() {
  LetterFault fault;
  fault.signal = "SIGSEGV";
  fault.code = 1;
  fault.address = "events.so+0x2f31";
  fault.frames = {{"memcpy", "libc.so.6+0x1000", false}, {"parse(char const*)", "events.so+0x2f31 (a.cc:41)", true}};
  return fault;
}

inline QueueOptions options(QueueFormat format = QueueFormat::kEnvelope, Casing casing = Casing::kSnake) {
  QueueOptions queue;
  queue.format = format;
  queue.casing = casing;
  queue.max_record_bytes = std::size_t{16} << 20;
  return queue;
}

// Every way to write a letter that keeps the original's bytes.
inline std::vector<QueueOptions> all_options() {
  std::vector<QueueOptions> all;
  for (const auto format : {QueueFormat::kEnvelope, QueueFormat::kRaw}) {
    for (const auto casing : {Casing::kSnake, Casing::kCamel}) {
      for (const auto compat : {HeaderCompat::kNone, HeaderCompat::kConnect, HeaderCompat::kSpring}) {
        QueueOptions queue = options(format, casing);
        queue.header_compat = compat;
        queue.context_headers = casing == Casing::kCamel;
        all.push_back(queue);
      }
    }
  }
  return all;
}

}  // namespace eddy::host::test
