// SPDX-License-Identifier: Apache-2.0
// Reads an envelope's JSON, whoever wrote it: fields in any order, either casing, only the original required.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dead_letter/letter.h"

namespace eddy::host {

// Keeps its parser and buffers; what it reads is valid until its next read. Not thread-safe.
class LetterJson {
 public:
  // Fills `letter` from an envelope. 64 readable bytes follow `value`. `facts_only`: all but its original.
  Result<void> read(Bytes value, DeadLetter& letter, bool facts_only);

 private:
  // `original_record` as it stands; which bytes it means is known only when its encoding has been seen.
  struct Found {
    bool present = false;
    bool null = false;
    bool string = false;
    bool readable = false;  // a string that unescapes
    std::string_view raw;
    std::string_view text;
  };

  Result<void> read_field(simdjson::ondemand::field& field, DeadLetter& letter);
  void take_original(simdjson::ondemand::value value);
  Result<Bytes> original(const DeadLetter& letter);
  Result<Bytes> decoded(std::string bytes);

  simdjson::ondemand::parser parser_;
  Found found_;
  std::string_view encoding_;
  bool message_present_ = false;
  std::string decoded_;
};

// Reads the nested objects that the raw format carries in headers. One instance for each object. Not thread-safe.
class NestedJson {
 public:
  void read_first_failure(std::string_view json, DeadLetter& letter);
  void read_previous(std::string_view json, DeadLetter& letter);
  void read_edited_from(std::string_view json, DeadLetter& letter);

 private:
  template <typename Reader>
  void read(std::string_view json, const Reader& reader);

  simdjson::ondemand::parser parser_;
  std::string padded_;
};

}  // namespace eddy::host
