// SPDX-License-Identifier: Apache-2.0
// What one request wants to have written.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "model/arena.h"
#include "stream/transport.h"

namespace eddy::host {

// Who waits for a job. [server thread]
class AppendClient {
 public:
  virtual ~AppendClient() = default;
  virtual void appended() = 0;
};

// What became of a job's letters, which are written before its records.
enum class LettersEnd : std::uint8_t { kNone, kDurable, kFailed };

enum class AppendEnd : std::uint8_t {
  kDurable,      // everything survives a power cut
  kRefused,      // the transport will never take it as it is
  kUnavailable,  // not now; what was written of it is said by nobody
};

// Filled by the server's thread, then the appender's until client->appended(). Used again: its memory stays.
struct AppendJob {
  StreamId stream{};
  StreamId queue{};
  std::vector<OutRecord> records;              // to the stream; their bytes are in the request's body and in `memory`
  std::vector<OutRecord> letters;              // to the queue
  std::vector<std::string_view> letter_types;  // the error type of each letter; in `memory`
  std::size_t bytes = 0;                       // of both
  Arena memory;

  // What the request says of its trace, on its records and letters; then, with an Idempotency-Key and on records alone,
  // the key. Their bytes are in `memory`.
  std::array<Header, 3> headers;
  std::size_t trace_headers = 0, record_headers = 0;

  // With an Idempotency-Key only; else empty. In `memory`.
  std::string_view key_id;         // names the key in the journal
  std::string_view key_label;      // value of the header that the records carry
  std::string_view stream_name;    // where such records are looked for
  std::string_view intent;         // the journal's entry
  bool look_first = false;         // an earlier try failed: its records may be there
  std::int64_t look_since_us = 0;  // and not from before this time

  LettersEnd letters_end = LettersEnd::kNone;
  AppendEnd end = AppendEnd::kUnavailable;
  Error error;  // unless kDurable
  std::shared_ptr<AppendClient> client;

  void clear() {
    records.clear();
    letters.clear();
    letter_types.clear();
    letters_end = LettersEnd::kNone;
    bytes = 0;
    memory.reset();
    key_id = key_label = stream_name = intent = {};
    look_first = false;
    trace_headers = record_headers = 0;
  }
  void add_header(std::string_view name, std::string_view value) {
    headers[record_headers++] = {Bytes(name), keep(Bytes(value))};
  }
  std::span<const Header> of_letters() const { return {headers.data(), trace_headers}; }
  std::span<const Header> of_records() const { return {headers.data(), record_headers}; }
  void add(std::vector<OutRecord>& to, const OutRecord& record) {
    to.push_back(record);
    bytes += record.key.size() + record.value.size();
  }
  // A copy in `memory`.
  Bytes keep(Bytes bytes_to_keep) {
    if (bytes_to_keep.null()) return {};
    char* copy = memory.allocate(bytes_to_keep.size() + 1);
    if (!bytes_to_keep.empty()) std::memcpy(copy, bytes_to_keep.data(), bytes_to_keep.size());
    return {copy, bytes_to_keep.size()};
  }
};

}  // namespace eddy::host
