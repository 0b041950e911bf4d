// SPDX-License-Identifier: Apache-2.0
// The entries of the stream `eddy_idempotency`, as JSON:
//
//   key         value
//   a key's id  {"state":"begun","body":SHA-256,"stream":…,"label":…,"records":…,"own":true,"at_us":…,"status":…,
//               "answer":…}: its intent. Without "own" it is of a version that did not tell callers apart
//   a key's id  {"state":"done"}: its mark
//   "ends"      {"state":"ends","stream":…,"ends":[offset of each partition]}: where the stream ended
//
// Readers pass over what they do not know.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/idempotency_keys.h"
#include "stream/transport.h"

namespace eddy::host {

inline constexpr std::string_view kIdempotencyStream = "eddy_idempotency";
inline constexpr std::string_view kMarkEntry = R"({"state":"done"})";
inline constexpr std::string_view kEndsKey = "ends";

// Offsets at which the partitions of a stream ended; null: not known.
using StreamEnds = std::shared_ptr<const std::vector<std::int64_t>>;

// What an intent says.
struct Intent {
  KeyId id{};
  Sha256Digest body{};
  std::string_view stream;  // of the records
  std::string_view label;   // value of their header
  bool records = false;     // there are any
  std::int64_t at_us = 0;
  int status = 0;
  std::string_view answer;
};
std::string render_intent(const Intent& intent);
std::string render_ends(std::string_view stream, const std::vector<std::int64_t>& ends);

// An intent of an earlier life, and what followed it.
struct PastIntent {
  Sha256Digest body{};
  std::string stream, label;
  bool records = false;
  bool done = false;
  bool shared = false;  // of a version that did not tell callers apart
  std::int64_t at_us = 0;
  StreamEnds ends;  // its records are not below
  KeyAnswer answer;
};

// By the key's id, in hexadecimal.
using PastIntents = std::map<std::string, PastIntent, std::less<>>;

// The whole stream, without intents from before `oldest_us`.
Result<PastIntents> read_entries(Transport& transport, std::int64_t oldest_us);

// What to_hex() has written; false when it is not.
bool read_key_id(std::string_view text, KeyId& id);

}  // namespace eddy::host
