// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/writer.h"

#include <functional>
#include <string>

#include "dead_letter/digest.h"
#include "dead_letter/envelope.h"
#include "dead_letter/fact_headers.h"
#include "dead_letter/fingerprint.h"
#include "dead_letter/header_block.h"
#include "dead_letter/shed.h"
#include "dead_letter/text.h"

namespace eddy::host {

namespace {

constexpr std::size_t kPadding = 64;
// What a header costs a transport beside its bytes.
constexpr std::size_t kHeaderOverhead = 4;

std::size_t framed_size(std::span<const Header> headers) { return size_of(headers) + headers.size() * kHeaderOverhead; }

bool lies_in(Bytes part, Bytes whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) && before(part.data() + part.size(), whole.data() + whole.size());
}

Origin origin_of(const Record& record, const Failure& failure) {
  Origin origin;
  origin.api = failure.source == "api";
  origin.stream = failure.stream;
  origin.partition = record.partition;
  origin.offset = record.offset;
  origin.timestamp_us = record.timestamp_us;
  origin.key = record.key;
  origin.route = failure.route;
  origin.request_id = failure.request_id;
  origin.request_identity = failure.request_identity.empty() ? failure.request_id : failure.request_identity;
  origin.index = record.offset;
  return origin;
}

Origin origin_of(const DeadLetter& letter) {
  Origin origin;
  origin.api = letter.origin_offset < 0 && letter.origin_stream.empty();
  origin.stream = letter.origin_stream;
  origin.partition = letter.origin_partition;
  origin.offset = letter.origin_offset;
  origin.timestamp_us = letter.origin_timestamp_us;
  origin.key = letter.key;
  origin.route = letter.route;
  origin.request_id = letter.request_id;
  origin.index = letter.origin_index;
  return origin;
}

FirstFailure first_of(const DeadLetter& letter) {
  if (letter.hops == 0) return {letter.function, letter.error_type, letter.error_message, letter.failed_at_us};
  return {letter.first_function, letter.first_error_type, letter.first_error_message, letter.first_failed_at_us};
}

// The failure that made the letter, as if it had not failed since.
Facts facts_of_first(const DeadLetter& letter) {
  Facts facts;
  const FirstFailure first = first_of(letter);
  facts.function = first.function;
  facts.error_type = first.error_type;
  facts.error_message = first.error_message;
  facts.failed_at_us = first.failed_at_us;
  facts.source = letter.source;
  facts.attempts = letter.attempts;
  if (letter.hops != 0) return facts;  // the plugin is that of the last failure
  facts.plugin = letter.plugin;
  facts.plugin_version = letter.plugin_version;
  facts.plugin_build_id = letter.plugin_build_id;
  facts.plugin_sha256 = letter.plugin_sha256;
  return facts;
}

// The parts of the original record that a letter is made of.
struct Parts {
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
};

}  // namespace

struct LetterWriter::State {
  LetterDigest digest;
  Fingerprint fingerprint;
  Envelope envelope;
  FactHeaders fact_headers;
  HeaderBlock headers;
  Shedder shedder;
  std::string repaired_message;
  std::string repaired_type;
  std::string original;  // a copy with padding, when the original is not inside the record
  std::string sealed;    // the original as it is encrypted
  OutRecord out;
  std::string_view id, letter_fingerprint;
  bool parked = false;
  bool pointer = false;

  const OutRecord& emit(Parts parts, Facts facts, const QueueOptions& options, std::size_t reserve);
  void start(const Parts& parts, const Facts& facts, const QueueOptions& options);
  void build(const Parts& parts, const Facts& facts, const QueueOptions& options, const ShedStep& step);
  void add_headers(const Facts& facts, const QueueOptions& options, bool extra);
  Bytes padded(Bytes value, const Record& record);
  Facts facts_of(const Failure& failure);
};

// Texts of the plugin's are made UTF-8 once, and not again at every step of shedding.
Facts LetterWriter::State::facts_of(const Failure& failure) {
  Facts facts;
  facts.error_message = as_utf8(failure.error_message, repaired_message);
  facts.error_type = as_utf8(failure.error_type, repaired_type);
  facts.source = failure.source;
  facts.function = failure.function;
  facts.plugin = failure.plugin;
  facts.plugin_version = failure.plugin_version;
  facts.plugin_build_id = failure.plugin_build_id;
  facts.plugin_sha256 = failure.plugin_sha256;
  facts.failed_at_us = failure.failed_at_us;
  facts.attempts = failure.attempts;
  facts.fault = failure.fault;
  facts.fingerprint = fingerprint.of(facts.function, facts.error_type, facts.error_message, failure.fault);
  return facts;
}

Bytes LetterWriter::State::padded(Bytes value, const Record& record) {
  if (value.null() || lies_in(value, record.value)) return value;
  original.assign(value.view()).append(kPadding, '\0');
  return {original.data(), value.size()};
}

void LetterWriter::State::add_headers(const Facts& facts, const QueueOptions& options, bool extra) {
  if (options.format == QueueFormat::kRaw) {
    fact_headers.add_raw(headers, facts);
  } else if (options.context_headers && extra) {
    fact_headers.add_context(headers, facts);
  }
  if (!extra) return;
  if (options.header_compat == HeaderCompat::kConnect) fact_headers.add_connect(headers, facts);
  if (options.header_compat == HeaderCompat::kSpring) fact_headers.add_spring(headers, facts);
}

void LetterWriter::State::build(const Parts& parts, const Facts& facts, const QueueOptions& options,
                                const ShedStep& step) {
  out.key = step.key ? parts.key : Bytes();
  headers.start(step.original_headers ? parts.headers : std::span<const Header>());
  add_headers(facts, options, step.extra_headers);
  out.headers = headers.finish();
  if (options.format == QueueFormat::kRaw) {
    out.value = step.original ? parts.value : Bytes();
    return;
  }
  envelope.finish(facts);
  out.value = envelope.text();
}

void LetterWriter::State::start(const Parts& parts, const Facts& facts, const QueueOptions& options) {
  if (facts.encrypted_with.empty()) {
    envelope.start(parts.value, options.casing);
  } else {
    envelope.start_sealed(parts.value.view(), options.casing);
  }
}

const OutRecord& LetterWriter::State::emit(Parts parts, Facts facts, const QueueOptions& options, std::size_t reserve) {
  id = facts.id;
  letter_fingerprint = facts.fingerprint;
  if (options.key != nullptr && !parts.value.null()) {
    options.key->seal(sealed, parts.value.view(), facts.id, facts.digest);
    parts.value = sealed;
    facts.encrypted_with = options.key->id();
    facts.origin.with_key = false;
  }
  out = OutRecord();
  out.timestamp_us = facts.failed_at_us;  // not the original's: an old record would outlive its retention at once
  const std::size_t limit = options.max_record_bytes;
  const bool hopeless = parts.key.size() + parts.value.size() + framed_size(parts.headers) > limit;
  const bool envelope_format = options.format == QueueFormat::kEnvelope;
  if (envelope_format && !hopeless) start(parts, facts, options);
  for (std::size_t i = hopeless ? kFirstPointerStep : 0; i < kShedSteps.size(); ++i) {
    const ShedStep& step = kShedSteps[i];
    if (envelope_format && i == kFirstPointerStep) envelope.start_pointer(options.casing);
    build(parts, i == 0 ? facts : shedder.shed(facts, step), options, step);
    pointer = !step.original;
    if (out.key.size() + out.value.size() + framed_size(out.headers) + (step.original ? reserve : 0) <= limit) break;
  }
  return out;
}

LetterWriter::LetterWriter() : state_(std::make_unique<State>()) {}
LetterWriter::~LetterWriter() = default;

bool LetterWriter::parked() const { return state_->parked; }
bool LetterWriter::pointer() const { return state_->pointer; }
std::string_view LetterWriter::id() const { return state_->id; }
std::string_view LetterWriter::fingerprint() const { return state_->letter_fingerprint; }

const OutRecord& LetterWriter::write(const Record& record, const Failure& failure, const QueueOptions& options) {
  State& state = *state_;
  Facts facts = state.facts_of(failure);
  facts.origin = origin_of(record, failure);
  facts.digest = state.digest.of_record(record.key, record.value, record.headers);
  facts.id = state.digest.id_of(facts.origin, facts.function, facts.error_type, facts.digest);
  state.parked = false;
  return state.emit({record.key, record.value, record.headers}, facts, options, kHopReserve);
}

const OutRecord& LetterWriter::write_again(const Record& record, const DeadLetter& letter, const Failure& failure,
                                           const QueueOptions& options) {
  State& state = *state_;
  Facts facts = state.facts_of(failure);
  facts.origin = origin_of(letter);
  facts.digest = letter.digest;
  facts.id = letter.id;
  facts.attempts = letter.attempts + failure.attempts;
  facts.hops = letter.hops + 1;
  facts.first = first_of(letter);
  facts.truncated = letter.truncated;
  if (letter.truncated) {
    facts.previous = {letter.previous_stream, letter.previous_partition, letter.previous_offset};
  } else if (!failure.redriven) {
    facts.previous = {failure.stream, record.partition, record.offset};
  }
  if (!failure.redriven) facts.returned_by = failure.function;
  facts.edited_from = {letter.edited_from_id, letter.edited_from_digest};
  state.parked = facts.hops >= options.max_hops;
  return state.emit({letter.key, state.padded(letter.original, record), letter.headers}, facts, options, 0);
}

const OutRecord& LetterWriter::write_edited(const DeadLetter& letter, Bytes original, std::int64_t at_us,
                                            const QueueOptions& options) {
  State& state = *state_;
  Facts facts = facts_of_first(letter);
  facts.error_message = as_utf8(facts.error_message, state.repaired_message);
  facts.error_type = as_utf8(facts.error_type, state.repaired_type);
  facts.origin = origin_of(letter);
  facts.origin.request_identity = letter.request_id;
  facts.fingerprint = letter.hops == 0
                          ? letter.fingerprint
                          : state.fingerprint.of(facts.function, facts.error_type, facts.error_message, nullptr);
  facts.digest = state.digest.of_record(letter.key, original, letter.headers);
  facts.id = state.digest.id_of(facts.origin, facts.function, facts.error_type, facts.digest);
  facts.edited_from = {letter.id, letter.digest};
  state.parked = false;
  state.emit({letter.key, state.padded(original, Record()), letter.headers}, facts, options, kHopReserve);
  state.out.timestamp_us = at_us;
  return state.out;
}

}  // namespace eddy::host
