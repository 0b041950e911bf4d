// SPDX-License-Identifier: Apache-2.0
// The JSON of an envelope: the original spliced in, then the facts.
#pragma once

#include <string>
#include <string_view>

#include "dead_letter/facts.h"
#include "dead_letter/fields.h"
#include "dead_letter/original.h"
#include "dead_letter/text.h"

namespace eddy::host {

// Keeps its buffer and the parts that do not change from one letter to the next. Not thread-safe.
class Envelope {
 public:
  // Begins a letter with the original. 64 readable bytes follow it.
  void start(Bytes original, Casing casing);
  // The same with an original that is sealed already.
  void start_sealed(std::string_view sealed, Casing casing);
  // The same for a letter whose original is at its origin.
  void start_pointer(Casing casing);

  // Adds the facts and closes the object; again to write others in their place.
  void finish(const Facts& facts);

  // Valid until the next start.
  std::string_view text() const { return text_; }

 private:
  void begin(Casing casing);
  void append_origin(const Origin& origin);
  void append_identity(const Facts& facts);
  void render_identity(const Facts& facts);
  void append_hops(const Facts& facts);
  void name(Field field);
  void string(Field field, std::string_view value);
  void ascii(Field field, std::string_view value);
  void time(Field field, TimeWriter& times, std::int64_t microseconds);

  // What identity_ was rendered from: function, plugin and the origin's stream or route.
  struct Identity {
    std::string function, plugin, version, build_id, sha256, place;
    Casing casing = Casing::kSnake;
    bool api = false;
  };
  bool same_identity(const Facts& facts) const;

  OriginalEncoder encoder_;
  TimeWriter failed_at_;
  TimeWriter origin_timestamp_;
  OriginalEncoding encoding_ = OriginalEncoding::kUtf8;
  Casing casing_ = Casing::kSnake;
  std::string text_;
  std::size_t original_end_ = 0;
  Identity identity_of_;
  std::string identity_;
};

// The nested objects that the raw format carries as header values too.
void append_fault(std::string& out, const LetterFault& fault, bool with_frames, Casing casing);
void append_first_failure(std::string& out, const FirstFailure& first, bool whole, Casing casing);
void append_previous(std::string& out, const PreviousLetter& previous, Casing casing);
void append_edited_from(std::string& out, const EditedFrom& edited_from, Casing casing);

}  // namespace eddy::host
