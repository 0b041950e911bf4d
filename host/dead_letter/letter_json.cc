// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/letter_json.h"

#include "base/encoding.h"
#include "dead_letter/fields.h"
#include "dead_letter/text.h"

namespace eddy::host {

namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The text of any value: strings unescaped, null empty, others as they stand. A string that does not unescape (a lone
// surrogate, as JavaScript writes them) is given as it stands too.
std::string_view text_of(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type == ondemand::json_type::null) return {};
  std::string_view text;
  if (type == ondemand::json_type::string) {
    const std::string_view token = trim(value.raw_json_token());
    if (value.get_string().get(text) == simdjson::SUCCESS) return text;
    return token.size() >= 2 ? token.substr(1, token.size() - 2) : std::string_view();
  }
  if (simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) return {};
  return trim(text);
}

template <typename T>
void read_integer(ondemand::value value, T& into) {
  into = parse_integer<T>(text_of(value)).value_or(into);
}

// RFC 3339, or a number of seconds or milliseconds since 1970.
std::int64_t time_of(ondemand::value value) {
  constexpr std::int64_t kFirstMilliseconds = 100'000'000'000;  // as seconds this is the year 5138
  const std::string_view text = text_of(value);
  if (const auto number = parse_integer<std::int64_t>(text); number && *number > -kFirstMilliseconds) {
    if (*number < kFirstMilliseconds) return *number * 1'000'000;
    return *number < INT64_MAX / 1000 ? *number * 1000 : 0;
  }
  return parse_time(text);
}

// Calls handle(field, value) for each known member of an object, between `first` and `last` of the field list.
template <typename Handle>
void each_member(ondemand::value value, Field first, Field last, const Handle& handle) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return;
  for (auto member : object) {
    std::string_view name;
    if (member.unescaped_key().get(name) != simdjson::SUCCESS) return;
    const auto field = find_field(name, first, last);
    if (!field) continue;
    ondemand::value inner;
    if (member.value().get(inner) != simdjson::SUCCESS) return;
    handle(*field, inner);
  }
}

void read_plugin(ondemand::value value, DeadLetter& letter) {
  each_member(value, Field::kName, Field::kSha256, [&](Field field, ondemand::value inner) {
    if (field == Field::kName) letter.plugin = text_of(inner);
    if (field == Field::kVersion) letter.plugin_version = text_of(inner);
    if (field == Field::kBuildId) letter.plugin_build_id = text_of(inner);
    if (field == Field::kSha256) letter.plugin_sha256 = text_of(inner);
  });
}

void read_origin(ondemand::value value, DeadLetter& letter) {
  each_member(value, Field::kStream, Field::kIndex, [&](Field field, ondemand::value inner) {
    if (field == Field::kStream) letter.origin_stream = text_of(inner);
    if (field == Field::kPartition) read_integer(inner, letter.origin_partition);
    if (field == Field::kOffset) read_integer(inner, letter.origin_offset);
    if (field == Field::kTimestamp) letter.origin_timestamp_us = time_of(inner);
    if (field == Field::kRoute) letter.route = text_of(inner);
    if (field == Field::kRequestId) letter.request_id = text_of(inner);
    if (field == Field::kIndex) read_integer(inner, letter.origin_index);
  });
}

void read_first(ondemand::value value, DeadLetter& letter) {
  each_member(value, Field::kErrorMessage, Field::kFunction, [&](Field field, ondemand::value inner) {
    if (field == Field::kFunction) letter.first_function = text_of(inner);
    if (field == Field::kErrorType) letter.first_error_type = text_of(inner);
    if (field == Field::kErrorMessage) letter.first_error_message = text_of(inner);
    if (field == Field::kFailedAt) letter.first_failed_at_us = time_of(inner);
  });
}

void read_previous_object(ondemand::value value, DeadLetter& letter) {
  each_member(value, Field::kStream, Field::kOffset, [&](Field field, ondemand::value inner) {
    if (field == Field::kStream) letter.previous_stream = text_of(inner);
    if (field == Field::kPartition) read_integer(inner, letter.previous_partition);
    if (field == Field::kOffset) read_integer(inner, letter.previous_offset);
  });
}

void read_edited_object(ondemand::value value, DeadLetter& letter) {
  each_member(value, Field::kId, Field::kDigest, [&](Field field, ondemand::value inner) {
    if (field == Field::kId) letter.edited_from_id = text_of(inner);
    if (field == Field::kDigest) letter.edited_from_digest = text_of(inner);
  });
}

Error not_json(simdjson::error_code error) {
  return {Code::kBadData, std::string("the value is not a dead letter: expected a JSON object with original_record and "
                                      "error_message, found: ") +
                              simdjson::error_message(error)};
}

Error missing(std::string_view what) {
  return {Code::kBadData, "the value is not a dead letter: its field " + std::string(what) +
                              " is missing (an envelope has original_record and error_message; a raw letter has the "
                              "header __eddy.errors.format)"};
}

// All fields but the original, which waits for its encoding.
void assign(Field field, ondemand::value value, DeadLetter& letter) {
  switch (field) {
    case Field::kErrorMessage:
      letter.error_message = text_of(value);
      break;
    case Field::kErrorType:
      letter.error_type = text_of(value);
      break;
    case Field::kFailedAt:
      letter.failed_at_us = time_of(value);
      break;
    case Field::kSource:
      letter.source = text_of(value);
      break;
    case Field::kId:
      letter.id = text_of(value);
      break;
    case Field::kFingerprint:
      letter.fingerprint = text_of(value);
      break;
    case Field::kFunction:
      letter.function = text_of(value);
      break;
    case Field::kPlugin:
      read_plugin(value, letter);
      break;
    case Field::kOrigin:
      read_origin(value, letter);
      break;
    case Field::kAttempts:
      read_integer(value, letter.attempts);
      break;
    case Field::kFault:
      letter.fault_json = text_of(value);
      break;
    case Field::kDigest:
      letter.digest = text_of(value);
      break;
    case Field::kHops:
      read_integer(value, letter.hops);
      break;
    case Field::kReturnedBy:
      letter.returned_by = text_of(value);
      break;
    case Field::kFirstFailure:
      read_first(value, letter);
      break;
    case Field::kTruncated:
      letter.truncated = text_of(value) == "true";
      break;
    case Field::kPrevious:
      read_previous_object(value, letter);
      break;
    case Field::kEditedFrom:
      read_edited_object(value, letter);
      break;
    case Field::kEncryptedWith:
      letter.encrypted_with = text_of(value);
      break;
    default:
      break;
  }
}

}  // namespace

void LetterJson::take_original(ondemand::value value) {
  found_ = Found();
  found_.present = true;
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return;
  found_.null = type == ondemand::json_type::null;
  found_.string = type == ondemand::json_type::string;
  if (found_.string) {
    found_.raw = trim(value.raw_json_token());
    found_.readable = value.get_string().get(found_.text) == simdjson::SUCCESS;
  } else if (simdjson::to_json_string(value).get(found_.raw) == simdjson::SUCCESS) {
    found_.raw = trim(found_.raw);
  }
}

Result<void> LetterJson::read_field(ondemand::field& field, DeadLetter& letter) {
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return not_json(error);
  const auto known = find_field(name, Field::kOriginalRecord, Field::kEncryptedWith);
  if (!known) return {};
  const ondemand::value value = field.value();
  if (*known == Field::kOriginalRecord) {
    take_original(value);
  } else if (*known == Field::kOriginalEncoding) {
    encoding_ = text_of(value);
  } else {
    message_present_ |= *known == Field::kErrorMessage;
    assign(*known, value, letter);
  }
  return {};
}

// Its bytes, with padding behind them.
Result<Bytes> LetterJson::decoded(std::string bytes) {
  const std::size_t size = bytes.size();
  decoded_ = std::move(bytes);
  decoded_.append(simdjson::SIMDJSON_PADDING, '\0');
  return Bytes(decoded_.data(), size);
}

Result<Bytes> LetterJson::original(const DeadLetter& letter) {
  if (encoding_ == "json") return Bytes(found_.raw);
  if (found_.null) return Bytes();
  if (encoding_ == "utf8" && found_.readable) return Bytes(found_.text);
  if (encoding_ == "base64" && found_.readable) {
    if (auto bytes = from_base64(found_.text)) return decoded(*std::move(bytes));
  }
  if (encoding_ == "encrypted" && found_.readable) {
    std::string opened;
    EDDY_TRY(open_sealed(opened, from_base64(found_.text).value_or(std::string()), letter.id, letter.digest));
    return decoded(std::move(opened));
  }
  return Error{Code::kBadData, "original_record of the dead letter does not fit its original_encoding \"" +
                                   std::string(encoding_) +
                                   "\": expected \"json\" with any value, \"utf8\" with a string, or \"base64\" or "
                                   "\"encrypted\" with a string of standard base64"};
}

Result<void> LetterJson::read(Bytes value, DeadLetter& letter, bool facts_only) {
  found_ = Found();
  encoding_ = "json";  // what writers that know no encodings mean
  message_present_ = false;
  ondemand::document document;
  ondemand::object object;
  const simdjson::padded_string_view text(value.view(), value.size() + simdjson::SIMDJSON_PADDING);
  if (const auto error = parser_.iterate(text).get(document)) return not_json(error);
  if (const auto error = document.get_object().get(object)) return not_json(error);
  for (auto member : object) {
    ondemand::field field;
    if (const auto error = std::move(member).get(field)) return not_json(error);
    EDDY_TRY(read_field(field, letter));
  }
  if (!found_.present) return missing("original_record");
  if (!message_present_) return missing("error_message");
  if (letter.truncated || facts_only) return {};
  EDDY_ASSIGN(letter.original, original(letter));
  return {};
}

template <typename Reader>
void NestedJson::read(std::string_view json, const Reader& reader) {
  padded_.assign(json).append(simdjson::SIMDJSON_PADDING, '\0');
  ondemand::document document;
  ondemand::value value;
  const simdjson::padded_string_view text(padded_.data(), json.size(), padded_.size());
  if (parser_.iterate(text).get(document) != simdjson::SUCCESS) return;
  if (document.get_value().get(value) == simdjson::SUCCESS) reader(value);
}

void NestedJson::read_first_failure(std::string_view json, DeadLetter& letter) {
  read(json, [&](ondemand::value value) { read_first(value, letter); });
}

void NestedJson::read_edited_from(std::string_view json, DeadLetter& letter) {
  read(json, [&](ondemand::value value) { read_edited_object(value, letter); });
}

void NestedJson::read_previous(std::string_view json, DeadLetter& letter) {
  read(json, [&](ondemand::value value) { read_previous_object(value, letter); });
}

}  // namespace eddy::host
