// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/letter_headers.h"

#include <algorithm>

#include "dead_letter/header_names.h"
#include "dead_letter/text.h"

namespace eddy::host {

namespace {

template <typename T>
void read_integer(std::string_view text, T& into) {
  into = parse_integer<T>(text).value_or(into);
}

}  // namespace

bool is_raw_letter(std::span<const Header> added) {
  return std::any_of(added.begin(), added.end(), [](const Header& header) {
    return header.name.view() == name_of(Fact::kFormat) && header.value.view() == "raw";
  });
}

void LetterHeaders::read(std::span<const Header> added, DeadLetter& letter) {
  for (const Header& header : added) {
    if (header.name.view().starts_with(kHeaderPrefix)) assign(header.name.view(), header.value.view(), letter);
  }
}

void LetterHeaders::assign(std::string_view name, std::string_view value, DeadLetter& letter) {
  const auto at = std::find(kFactNames.begin(), kFactNames.end(), name);
  if (at == kFactNames.end()) return;
  switch (static_cast<Fact>(at - kFactNames.begin())) {
    case Fact::kTopic:
      letter.origin_stream = value;
      break;
    case Fact::kPartition:
      read_integer(value, letter.origin_partition);
      break;
    case Fact::kOffset:
      read_integer(value, letter.origin_offset);
      break;
    case Fact::kStage:
      letter.source = value;
      break;
    case Fact::kExceptionClassName:
      letter.error_type = value;
      break;
    case Fact::kExceptionMessage:
      letter.error_message = value;
      break;
    case Fact::kFunction:
      letter.function = value;
      break;
    case Fact::kPlugin:
      letter.plugin = value;
      break;
    case Fact::kAttempts:
      read_integer(value, letter.attempts);
      break;
    case Fact::kFingerprint:
      letter.fingerprint = value;
      break;
    case Fact::kId:
      letter.id = value;
      break;
    case Fact::kFormat:
      break;
    case Fact::kFailedAt:
      letter.failed_at_us = parse_time(value);
      break;
    case Fact::kDigest:
      letter.digest = value;
      break;
    case Fact::kTimestamp:
      letter.origin_timestamp_us = parse_time(value);
      break;
    case Fact::kPluginVersion:
      letter.plugin_version = value;
      break;
    case Fact::kPluginBuildId:
      letter.plugin_build_id = value;
      break;
    case Fact::kPluginSha256:
      letter.plugin_sha256 = value;
      break;
    case Fact::kRoute:
      letter.route = value;
      break;
    case Fact::kRequestId:
      letter.request_id = value;
      break;
    case Fact::kIndex:
      read_integer(value, letter.origin_index);
      break;
    case Fact::kFault:
      letter.fault_json = value;
      break;
    case Fact::kHops:
      read_integer(value, letter.hops);
      break;
    case Fact::kReturnedBy:
      letter.returned_by = value;
      break;
    case Fact::kFirstFailure:
      first_failure_.read_first_failure(value, letter);
      break;
    case Fact::kTruncated:
      letter.truncated = value == "true";
      break;
    case Fact::kPrevious:
      previous_.read_previous(value, letter);
      break;
    case Fact::kEditedFrom:
      edited_from_.read_edited_from(value, letter);
      break;
    case Fact::kEncryptedWith:
      letter.encrypted_with = value;
      break;
  }
}

}  // namespace eddy::host
