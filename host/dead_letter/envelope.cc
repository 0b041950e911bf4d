// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/envelope.h"

#include "base/encoding.h"

namespace eddy::host {

namespace {

// A buffer that once held a huge letter is not kept for small ones.
constexpr std::size_t kKeptBuffer = std::size_t{4} << 20;

// The first member of an object has no comma before it.
std::string_view first_name(Field field, Casing casing) { return glued(field, casing).substr(1); }

}  // namespace

void Envelope::name(Field field) { text_.append(glued(field, casing_)); }

void Envelope::string(Field field, std::string_view value) {
  name(field);
  append_json_string(text_, value);
}

// For text that needs no escape: hexadecimal digits and words of ours.
void Envelope::ascii(Field field, std::string_view value) {
  name(field);
  text_.push_back('"');
  text_.append(value);
  text_.push_back('"');
}

void Envelope::time(Field field, TimeWriter& times, std::int64_t microseconds) {
  name(field);
  text_.push_back('"');
  times.append(text_, microseconds);
  text_.push_back('"');
}

void Envelope::begin(Casing casing) {
  casing_ = casing;
  text_.clear();
  if (text_.capacity() > kKeptBuffer) text_.shrink_to_fit();
  text_.push_back('{');
  text_.append(first_name(Field::kOriginalRecord, casing));
}

void Envelope::start(Bytes original, Casing casing) {
  begin(casing);
  encoding_ = encoder_.append(text_, original);
  original_end_ = text_.size();
}

void Envelope::start_sealed(std::string_view sealed, Casing casing) {
  begin(casing);
  text_.push_back('"');
  append_base64(text_, sealed);
  text_.push_back('"');
  encoding_ = OriginalEncoding::kEncrypted;
  original_end_ = text_.size();
}

void Envelope::start_pointer(Casing casing) {
  begin(casing);
  text_.append("null");
  encoding_ = OriginalEncoding::kUtf8;
  original_end_ = text_.size();
}

void Envelope::finish(const Facts& facts) {
  text_.resize(original_end_);
  name(Field::kErrorMessage);
  append_json_utf8(text_, facts.error_message);
  name(Field::kErrorType);
  append_json_utf8(text_, facts.error_type);
  time(Field::kFailedAt, failed_at_, facts.failed_at_us);
  string(Field::kSource, facts.source);
  ascii(Field::kOriginalEncoding, to_text(encoding_));
  string(Field::kId, facts.id);
  string(Field::kFingerprint, facts.fingerprint);
  append_identity(facts);
  append_origin(facts.origin);
  name(Field::kAttempts);
  append_integer(text_, facts.attempts);
  if (facts.fault != nullptr) {
    name(Field::kFault);
    append_fault(text_, *facts.fault, facts.with_frames, casing_);
  }
  string(Field::kDigest, facts.digest);
  if (facts.hops > 0) append_hops(facts);
  if (facts.truncated) {
    name(Field::kTruncated);
    text_.append("true");
    if (!facts.previous.stream.empty()) {
      name(Field::kPrevious);
      append_previous(text_, facts.previous, casing_);
    }
  }
  if (!facts.edited_from.id.empty()) {
    name(Field::kEditedFrom);
    append_edited_from(text_, facts.edited_from, casing_);
  }
  if (encoding_ == OriginalEncoding::kEncrypted) string(Field::kEncryptedWith, facts.encrypted_with);
  text_.push_back('}');
}

bool Envelope::same_identity(const Facts& facts) const {
  const Identity& of = identity_of_;
  const std::string_view place = facts.origin.api ? facts.origin.route : facts.origin.stream;
  return !identity_.empty() && of.function == facts.function && of.plugin == facts.plugin &&
         of.version == facts.plugin_version && of.build_id == facts.plugin_build_id &&
         of.sha256 == facts.plugin_sha256 && of.place == place && of.casing == casing_ && of.api == facts.origin.api;
}

void Envelope::append_identity(const Facts& facts) {
  if (!same_identity(facts)) {
    const Origin& origin = facts.origin;
    identity_of_.function = facts.function;
    identity_of_.plugin = facts.plugin;
    identity_of_.version = facts.plugin_version;
    identity_of_.build_id = facts.plugin_build_id;
    identity_of_.sha256 = facts.plugin_sha256;
    identity_of_.place = origin.api ? origin.route : origin.stream;
    identity_of_.casing = casing_;
    identity_of_.api = origin.api;
    render_identity(facts);
  }
  text_.append(identity_);
}

// `,"function":…,"plugin":{…},"origin":{"stream":…`, left open for the rest of the origin.
void Envelope::render_identity(const Facts& facts) {
  identity_.assign(glued(Field::kFunction, casing_));
  append_json_string(identity_, facts.function);
  identity_.append(glued(Field::kPlugin, casing_)).append("{").append(first_name(Field::kName, casing_));
  append_json_string(identity_, facts.plugin);
  const auto optional = [this](Field field, std::string_view value) {
    if (value.empty()) return;
    identity_.append(glued(field, casing_));
    append_json_string(identity_, value);
  };
  optional(Field::kVersion, facts.plugin_version);
  optional(Field::kBuildId, facts.plugin_build_id);
  optional(Field::kSha256, facts.plugin_sha256);
  identity_.append("}").append(glued(Field::kOrigin, casing_)).append("{");
  const bool api = facts.origin.api;
  identity_.append(first_name(api ? Field::kRoute : Field::kStream, casing_));
  append_json_string(identity_, api ? facts.origin.route : facts.origin.stream);
}

void Envelope::append_origin(const Origin& origin) {
  if (origin.api) {
    string(Field::kRequestId, origin.request_id);
    name(Field::kIndex);
    append_integer(text_, origin.index);
  } else {
    name(Field::kPartition);
    append_integer(text_, origin.partition);
    name(Field::kOffset);
    append_integer(text_, origin.offset);
  }
  time(Field::kTimestamp, origin_timestamp_, origin.timestamp_us);
  if (origin.with_key) {
    name(Field::kKey);
    if (origin.key.null()) {
      text_.append("null");
    } else {
      text_.push_back('"');
      append_base64(text_, origin.key.view());
      text_.push_back('"');
    }
  }
  text_.push_back('}');
}

void Envelope::append_hops(const Facts& facts) {
  name(Field::kHops);
  append_integer(text_, facts.hops);
  string(Field::kReturnedBy, facts.returned_by);
  name(Field::kFirstFailure);
  append_first_failure(text_, facts.first, facts.first_whole, casing_);
}

void append_fault(std::string& out, const LetterFault& fault, bool with_frames, Casing casing) {
  out.append("{").append(first_name(Field::kSignal, casing));
  append_json_string(out, fault.signal);
  out.append(glued(Field::kCode, casing));
  append_integer(out, fault.code);
  out.append(glued(Field::kAddress, casing));
  append_json_string(out, fault.address);
  if (with_frames) {
    out.append(glued(Field::kFrames, casing)).append("[");
    for (const LetterFrame& frame : fault.frames) {
      if (&frame != &fault.frames.front()) out.push_back(',');
      out.append("{").append(first_name(Field::kFunction, casing));
      append_json_string(out, frame.function);
      out.append(glued(Field::kLocation, casing));
      append_json_string(out, frame.location);
      out.append(glued(Field::kInPlugin, casing)).append(frame.in_plugin ? "true}" : "false}");
    }
    out.push_back(']');
  }
  out.push_back('}');
}

void append_first_failure(std::string& out, const FirstFailure& first, bool whole, Casing casing) {
  out.append("{").append(first_name(Field::kFunction, casing));
  append_json_string(out, first.function);
  if (whole) {
    out.append(glued(Field::kErrorType, casing));
    append_json_string(out, first.error_type);
    out.append(glued(Field::kErrorMessage, casing));
    append_json_string(out, first.error_message);
    out.append(glued(Field::kFailedAt, casing)).append("\"");
    append_rfc3339(out, first.failed_at_us);
    out.append("\"");
  }
  out.push_back('}');
}

void append_edited_from(std::string& out, const EditedFrom& edited_from, Casing casing) {
  out.append("{").append(first_name(Field::kId, casing));
  append_json_string(out, edited_from.id);
  out.append(glued(Field::kDigest, casing));
  append_json_string(out, edited_from.digest);
  out.push_back('}');
}

void append_previous(std::string& out, const PreviousLetter& previous, Casing casing) {
  out.append("{").append(first_name(Field::kStream, casing));
  append_json_string(out, previous.stream);
  out.append(glued(Field::kPartition, casing));
  append_integer(out, previous.partition);
  out.append(glued(Field::kOffset, casing));
  append_integer(out, previous.offset);
  out.push_back('}');
}

}  // namespace eddy::host
