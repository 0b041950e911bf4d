// SPDX-License-Identifier: Apache-2.0
// The names of an envelope's fields in both casings, as the writer pastes them and as the reader looks them up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dead_letter/letter.h"

namespace eddy::host {

// In the order they are written.
enum class Field : std::uint8_t {
  kOriginalRecord,
  kErrorMessage,
  kErrorType,
  kFailedAt,
  kSource,
  kOriginalEncoding,
  kId,
  kFingerprint,
  kFunction,
  kPlugin,
  kOrigin,
  kAttempts,
  kFault,
  kDigest,
  kHops,
  kReturnedBy,
  kFirstFailure,
  kTruncated,
  kPrevious,
  kEditedFrom,
  kEncryptedWith,
  // of `plugin`
  kName,
  kVersion,
  kBuildId,
  kSha256,
  // of `origin`
  kStream,
  kPartition,
  kOffset,
  kTimestamp,
  kKey,
  kRoute,
  kRequestId,
  kIndex,
  // of `fault`
  kSignal,
  kCode,
  kAddress,
  kFrames,
  kLocation,
  kInPlugin,
};

// Each name with the punctuation around it, so that writing one is a single copy.
struct FieldNames {
  std::string_view snake;
  std::string_view camel;
};

inline constexpr std::array<FieldNames, 39> kFieldNames = {{
    {R"(,"original_record":)", R"(,"originalRecord":)"},
    {R"(,"error_message":)", R"(,"errorMessage":)"},
    {R"(,"error_type":)", R"(,"errorType":)"},
    {R"(,"failed_at":)", R"(,"failedAt":)"},
    {R"(,"source":)", R"(,"source":)"},
    {R"(,"original_encoding":)", R"(,"originalEncoding":)"},
    {R"(,"id":)", R"(,"id":)"},
    {R"(,"fingerprint":)", R"(,"fingerprint":)"},
    {R"(,"function":)", R"(,"function":)"},
    {R"(,"plugin":)", R"(,"plugin":)"},
    {R"(,"origin":)", R"(,"origin":)"},
    {R"(,"attempts":)", R"(,"attempts":)"},
    {R"(,"fault":)", R"(,"fault":)"},
    {R"(,"digest":)", R"(,"digest":)"},
    {R"(,"hops":)", R"(,"hops":)"},
    {R"(,"returned_by":)", R"(,"returnedBy":)"},
    {R"(,"first_failure":)", R"(,"firstFailure":)"},
    {R"(,"truncated":)", R"(,"truncated":)"},
    {R"(,"previous":)", R"(,"previous":)"},
    {R"(,"edited_from":)", R"(,"editedFrom":)"},
    {R"(,"encrypted_with":)", R"(,"encryptedWith":)"},
    {R"(,"name":)", R"(,"name":)"},
    {R"(,"version":)", R"(,"version":)"},
    {R"(,"build_id":)", R"(,"buildId":)"},
    {R"(,"sha256":)", R"(,"sha256":)"},
    {R"(,"stream":)", R"(,"stream":)"},
    {R"(,"partition":)", R"(,"partition":)"},
    {R"(,"offset":)", R"(,"offset":)"},
    {R"(,"timestamp":)", R"(,"timestamp":)"},
    {R"(,"key":)", R"(,"key":)"},
    {R"(,"route":)", R"(,"route":)"},
    {R"(,"request_id":)", R"(,"requestId":)"},
    {R"(,"index":)", R"(,"index":)"},
    {R"(,"signal":)", R"(,"signal":)"},
    {R"(,"code":)", R"(,"code":)"},
    {R"(,"address":)", R"(,"address":)"},
    {R"(,"frames":)", R"(,"frames":)"},
    {R"(,"location":)", R"(,"location":)"},
    {R"(,"in_plugin":)", R"(,"inPlugin":)"},
}};

// `,"name":`
constexpr std::string_view glued(Field field, Casing casing) {
  const FieldNames& names = kFieldNames[static_cast<std::size_t>(field)];
  return casing == Casing::kSnake ? names.snake : names.camel;
}

// `name`
constexpr std::string_view plain(std::string_view glued_name) { return glued_name.substr(2, glued_name.size() - 4); }

// Finds the field called `name` in either casing among [first, last].
constexpr std::optional<Field> find_field(std::string_view name, Field first, Field last) {
  for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(last); ++i) {
    if (plain(kFieldNames[i].snake) == name || plain(kFieldNames[i].camel) == name) return static_cast<Field>(i);
  }
  return std::nullopt;
}

}  // namespace eddy::host
