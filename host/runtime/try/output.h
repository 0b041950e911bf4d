// SPDX-License-Identifier: Apache-2.0
// What a build made of one record, copied out of its worker process: it can be held against what another build makes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace eddy::host {

using OwnedBytes = std::optional<std::string>;  // none: null

inline OwnedBytes owned(Bytes bytes) {
  if (bytes.null()) return std::nullopt;
  return std::string(bytes.view());
}
inline Bytes bytes_of(const OwnedBytes& owned) { return owned ? Bytes(*owned) : Bytes(); }

// One record it would write.
struct TryOutput {
  std::string stream;
  OwnedBytes key, value;
  std::vector<std::pair<std::string, OwnedBytes>> headers;
  bool operator==(const TryOutput&) const = default;
};

// How the record would end.
struct TryEnding {
  enum class Kind : unsigned char { kDelivered, kFiltered, kFailed };
  Kind kind = Kind::kDelivered;
  std::vector<TryOutput> outputs{};                          // of a delivered one
  std::string error_type{}, error_message{}, fingerprint{};  // of a failed one
  bool faulted = false;                                      // it took its process with it, or hung
  bool hung = false;

  bool failed() const { return kind == Kind::kFailed; }
};

}  // namespace eddy::host
