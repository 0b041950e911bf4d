// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/fact_headers.h"

#include <concepts>

#include "dead_letter/envelope.h"
#include "dead_letter/header_names.h"

namespace eddy::host {

namespace {

void add_integer(HeaderBlock& block, std::string_view name, std::integral auto value) {
  append_integer(block.value(), value);
  block.add_appended(name);
}

void add_time(HeaderBlock& block, std::string_view name, TimeWriter& times, std::int64_t microseconds) {
  times.append(block.value(), microseconds);
  block.add_appended(name);
}

void add_big_endian(HeaderBlock& block, std::string_view name, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    block.value().push_back(static_cast<char>((value >> shift) & 0xFF));
  }
  block.add_appended(name);
}

// As Java prints one, so that viewers of these headers show it well.
void append_stack_trace(std::string& out, const Facts& facts) {
  out.append(facts.error_type).append(": ").append(facts.error_message);
  if (facts.fault == nullptr || !facts.with_frames) return;
  for (const LetterFrame& frame : facts.fault->frames) {
    out.append("\n\tat ").append(frame.function.empty() ? "?" : frame.function);
    out.append("(").append(frame.location).append(")");
  }
}

// The stage of Kafka Connect that does what our source does.
std::string_view connect_stage(std::string_view source) {
  if (source == "api") return "VALUE_CONVERTER";
  return source == "table" ? "TASK_PUT" : "TRANSFORMATION";
}

std::int64_t floor_milliseconds(std::int64_t microseconds) {
  return microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0);
}

}  // namespace

void FactHeaders::text(HeaderBlock& block, std::string_view name, std::string_view value) {
  block.add(name, as_utf8(value, scratch_));
}

void FactHeaders::add_context(HeaderBlock& block, const Facts& facts) {
  if (!facts.origin.api) {
    text(block, name_of(Fact::kTopic), facts.origin.stream);
    add_integer(block, name_of(Fact::kPartition), facts.origin.partition);
    add_integer(block, name_of(Fact::kOffset), facts.origin.offset);
  }
  text(block, name_of(Fact::kStage), facts.source);
  text(block, name_of(Fact::kExceptionClassName), facts.error_type);
  text(block, name_of(Fact::kExceptionMessage), facts.error_message);
  text(block, name_of(Fact::kFunction), facts.function);
  text(block, name_of(Fact::kPlugin), facts.plugin);
  add_integer(block, name_of(Fact::kAttempts), facts.attempts);
  block.add(name_of(Fact::kFingerprint), facts.fingerprint);
  block.add(name_of(Fact::kId), facts.id);
}

void FactHeaders::add_raw(HeaderBlock& block, const Facts& facts) {
  add_context(block, facts);
  const auto optional = [&](Fact fact, std::string_view value) {
    if (!value.empty()) text(block, name_of(fact), value);
  };
  block.add(name_of(Fact::kFormat), "raw");
  add_time(block, name_of(Fact::kFailedAt), failed_at_, facts.failed_at_us);
  block.add(name_of(Fact::kDigest), facts.digest);
  add_time(block, name_of(Fact::kTimestamp), origin_timestamp_, facts.origin.timestamp_us);
  optional(Fact::kPluginVersion, facts.plugin_version);
  optional(Fact::kPluginBuildId, facts.plugin_build_id);
  optional(Fact::kPluginSha256, facts.plugin_sha256);
  if (facts.origin.api) {
    text(block, name_of(Fact::kRoute), facts.origin.route);
    text(block, name_of(Fact::kRequestId), facts.origin.request_id);
    add_integer(block, name_of(Fact::kIndex), facts.origin.index);
  }
  if (facts.fault != nullptr) {
    append_fault(block.value(), *facts.fault, facts.with_frames, Casing::kSnake);
    block.add_appended(name_of(Fact::kFault));
  }
  if (facts.hops > 0) {
    add_integer(block, name_of(Fact::kHops), facts.hops);
    text(block, name_of(Fact::kReturnedBy), facts.returned_by);
    append_first_failure(block.value(), facts.first, facts.first_whole, Casing::kSnake);
    block.add_appended(name_of(Fact::kFirstFailure));
  }
  if (!facts.edited_from.id.empty()) {
    append_edited_from(block.value(), facts.edited_from, Casing::kSnake);
    block.add_appended(name_of(Fact::kEditedFrom));
  }
  if (!facts.truncated) {
    optional(Fact::kEncryptedWith, facts.encrypted_with);
    return;
  }
  block.add(name_of(Fact::kTruncated), "true");
  if (facts.previous.stream.empty()) return;
  append_previous(block.value(), facts.previous, Casing::kSnake);
  block.add_appended(name_of(Fact::kPrevious));
}

void FactHeaders::add_connect(HeaderBlock& block, const Facts& facts) {
  if (!facts.origin.api) {
    text(block, "__connect.errors.topic", facts.origin.stream);
    add_integer(block, "__connect.errors.partition", facts.origin.partition);
    add_integer(block, "__connect.errors.offset", facts.origin.offset);
  }
  text(block, "__connect.errors.connector.name", facts.function);
  block.add("__connect.errors.stage", connect_stage(facts.source));
  text(block, "__connect.errors.exception.class.name", facts.error_type);
  text(block, "__connect.errors.exception.message", facts.error_message);
  std::string trace;
  append_stack_trace(trace, facts);
  text(block, "__connect.errors.exception.stacktrace", trace);
}

void FactHeaders::add_spring(HeaderBlock& block, const Facts& facts) {
  if (!facts.origin.api) {
    text(block, "kafka_dlt-original-topic", facts.origin.stream);
    add_big_endian(block, "kafka_dlt-original-partition", facts.origin.partition, 4);
    add_big_endian(block, "kafka_dlt-original-offset", static_cast<std::uint64_t>(facts.origin.offset), 8);
  }
  const auto milliseconds = static_cast<std::uint64_t>(floor_milliseconds(facts.origin.timestamp_us));
  add_big_endian(block, "kafka_dlt-original-timestamp", milliseconds, 8);
  block.add("kafka_dlt-original-timestamp-type", "CreateTime");
  text(block, "kafka_dlt-exception-fqcn", facts.error_type);
  text(block, "kafka_dlt-exception-message", facts.error_message);
  std::string trace;
  append_stack_trace(trace, facts);
  text(block, "kafka_dlt-exception-stacktrace", trace);
}

}  // namespace eddy::host
