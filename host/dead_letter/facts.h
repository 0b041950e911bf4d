// SPDX-License-Identifier: Apache-2.0
// Everything a letter says beside the original bytes, ready to be written in either format.
#pragma once

#include <cstdint>
#include <string_view>

#include "dead_letter/letter.h"

namespace eddy::host {

// Where the original record came from. `stream` is empty when it came in over HTTP.
struct Origin {
  bool api = false;
  std::string_view stream;
  std::uint32_t partition = 0;
  std::int64_t offset = -1;
  std::int64_t timestamp_us = 0;
  Bytes key;
  bool with_key = true;  // the record itself carries the key; the copy here is for readers of the JSON
  std::string_view route;
  std::string_view request_id;
  std::string_view request_identity;  // what the letter's id is made of
  std::int64_t index = 0;             // of the element in the request
};

// The failure that made the letter, when a function over the queue has failed since.
struct FirstFailure {
  std::string_view function;
  std::string_view error_type;
  std::string_view error_message;
  std::int64_t failed_at_us = 0;
};

// The place in the queue that holds the letter whole, for one that had to become a pointer on its way back.
struct PreviousLetter {
  std::string_view stream;
  std::uint32_t partition = 0;
  std::int64_t offset = -1;
};

// The letter that a corrected copy was made of.
struct EditedFrom {
  std::string_view id, digest;  // empty: it is no copy
};

// Views are borrowed for the length of one write. Error message and type are UTF-8.
struct Facts {
  std::string_view error_message, error_type, source, id, fingerprint, function, digest;
  std::string_view plugin, plugin_version, plugin_build_id, plugin_sha256;
  std::int64_t failed_at_us = 0;
  std::uint32_t attempts = 1;
  std::uint32_t hops = 0;
  std::string_view returned_by;
  FirstFailure first;  // written when hops > 0
  Origin origin;
  PreviousLetter previous;  // written when `truncated` and its stream is not empty
  EditedFrom edited_from;
  std::string_view encrypted_with;  // id of the key; empty: the original is as it is
  const LetterFault* fault = nullptr;
  bool with_frames = true;
  bool first_whole = true;  // false: of the first failure only its function
  bool truncated = false;
};

}  // namespace eddy::host
