// SPDX-License-Identifier: Apache-2.0
// A dead letter: the facts of a failure beside the record that failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "dead_letter/letter_key.h"

namespace eddy::host {

enum class QueueFormat : std::uint8_t { kEnvelope, kRaw };
enum class Casing : std::uint8_t { kSnake, kCamel };
enum class HeaderCompat : std::uint8_t { kNone, kConnect, kSpring };

// How one queue's letters are written.
struct QueueOptions {
  QueueFormat format = QueueFormat::kEnvelope;
  Casing casing = Casing::kSnake;
  HeaderCompat header_compat = HeaderCompat::kNone;
  bool context_headers = false;  // on for raw, whatever this says
  std::uint32_t max_hops = 3;
  std::size_t max_record_bytes = 1 << 20;  // of the transport
  LetterKeyPtr key{};                      // originals are encrypted with it; null: they are not
};

struct LetterFrame {
  std::string function;  // demangled, or empty
  std::string location;  // "movies.so+0x2f31" or "movies.so+0x2f31 (movie.cc:41)"
  bool in_plugin = false;
};

struct LetterFault {
  std::string signal;   // "SIGSEGV"
  int code = 0;         // si_code
  std::string address;  // "module+offset" of the faulting instruction
  std::vector<LetterFrame> frames;
};

// Everything about a failure but the record itself. Views are borrowed for the length of the write.
struct Failure {
  std::string_view error_type;
  std::string_view error_message;
  std::string_view source = "transform";  // "api", "transform", "table"
  std::string_view function;
  std::string_view plugin, plugin_version, plugin_build_id, plugin_sha256;
  std::string_view stream;      // of the record that failed; for a letter that failed again, its queue
  std::string_view route;       // for "api"
  std::string_view request_id;  // for "api"
  // For "api": takes the request id's place in the letter's id, where retries of a request have different ones. Empty:
  // the request id.
  std::string_view request_identity;
  std::int64_t failed_at_us = 0;
  std::uint32_t attempts = 1;
  const LetterFault* fault = nullptr;
  bool redriven = false;  // write_again: in the function it was sent back to, which is not one over the queue
};

// A dead letter read back, whatever format and casing it was written in. Strings and bytes are borrowed from the record
// and from the reader that made it.
struct DeadLetter {
  std::string_view id, fingerprint, error_type, error_message, source, function, digest;
  std::string_view plugin, plugin_version, plugin_build_id, plugin_sha256;
  std::int64_t failed_at_us = 0;
  std::string_view origin_stream, route, request_id;
  std::uint32_t origin_partition = 0;
  std::int64_t origin_offset = -1;  // -1 when it came from an API
  std::int64_t origin_index = 0;    // for "api": which element of the request
  std::int64_t origin_timestamp_us = 0;
  std::uint32_t attempts = 1;
  std::uint32_t hops = 0;           // times a function over the queue has failed on it
  std::string_view returned_by;     // that function; it alone sees the letter again
  std::string_view first_function;  // the function that failed first, when hops > 0; else the same as `function`
  std::string_view first_error_type, first_error_message;  // of that failure; empty when hops is 0
  std::int64_t first_failed_at_us = 0;
  std::string_view fault_json;       // the `fault` object as it stands; empty: none
  Bytes key;                         // the original's
  Bytes original;                    // exact bytes, followed by at least 64 readable ones; null for a tombstone
  bool truncated = false;            // too large for the transport: key, value and headers are to be read at the origin
  std::string_view previous_stream;  // when truncated on its way back: the queue that still holds the letter whole
  std::uint32_t previous_partition = 0;
  std::int64_t previous_offset = -1;
  std::vector<Header> headers;  // the original's
  // Of a corrected copy: the letter it was made of. Empty: it is none.
  std::string_view edited_from_id, edited_from_digest;
  std::string_view encrypted_with;  // id of the key that its original is encrypted with in the queue; empty: it is not

  std::int64_t first_failure_us() const { return hops == 0 ? failed_at_us : first_failed_at_us; }
};

// The record that failed, as its function saw it; borrows the letter, which must not be truncated.
inline Record original_of(const DeadLetter& letter) {
  Record record;
  record.key = letter.key;
  record.value = letter.original;
  record.headers = letter.headers;
  record.timestamp_us = letter.origin_timestamp_us;
  record.offset = letter.origin_offset;
  record.partition = letter.origin_partition;
  return record;
}

}  // namespace eddy::host
