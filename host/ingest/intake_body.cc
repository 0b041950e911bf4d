// SPDX-License-Identifier: Apache-2.0
// The second half: bodies, and what became of them.
#include <fmt/format.h>

#include "base/log.h"
#include "ingest/idempotency_journal.h"
#include "ingest/intake.h"
#include "ingest/request_parser.h"
#include "ingest/trace_context.h"

namespace eddy::host {
namespace {

constexpr std::string_view kSoon = "1";  // Retry-After, in seconds
// A longer answer is not kept for a retry; only its count is.
constexpr std::size_t kKeptAnswer = 64 * 1024;

std::string kept_answer(const Exchange& exchange) {
  if (exchange.answer.body.size() <= kKeptAnswer) return exchange.answer.body;
  return fmt::format(R"({{"accepted":{}}})", exchange.accepted);
}

// Whose keys they are: those of one caller are no other's. Empty where callers are not told apart, as by their address,
// which changes, or by a JWT without `sub`, which is another one when it is renewed.
std::string key_owner(const Admission& admission) {
  return admission.name.empty() ? std::string() : to_hex(sha256(admission.account)).substr(0, 32);
}

// The key as it names the request among those of all callers. Neither keys nor owners have spaces.
std::string owned_key(const std::string& owner, const std::string& key) {
  return owner.empty() ? key : owner + " " + key;
}

}  // namespace

bool Intake::take(Exchange& exchange) {
  const std::string_view body = unpacked(exchange);
  if (exchange.answer.status != 0) return false;
  const IngestRoute& route = *exchange.route;
  const HeadField& key = exchange.head.idempotency_key;
  const bool with_key = key.present() && options_.idempotency;
  const std::string identity = with_key ? owned_key(key_owner(exchange.admission), key.value) : std::string();
  if (with_key && !claim_key(exchange, body, identity)) return false;

  AppendJob& job = exchange.job;
  job.stream = route.stream_id;
  job.queue = route.queue_id;
  keep_trace(exchange);
  if (with_key) {
    job.add_header(kIdempotencyHeader, route.name + " " + identity);
    job.key_label = job.of_records().back().value.view();
  }
  if (!sort(exchange, body, identity)) return false;
  if (job.records.empty() && job.letters.empty()) {
    if (exchange.keyed) keys_.forget(exchange.key);  // nothing was written: sent again, it is answered the same
    exchange.keyed = false;
    return false;
  }
  if (exchange.keyed) fill_intent(exchange, body);
  return true;
}

// False: it cannot be judged now, or not kept at all, and is answered so.
bool Intake::sort(Exchange& exchange, std::string_view body, std::string_view identity) {
  const std::size_t most = transport_.max_record_bytes(exchange.route->stream_id);
  if (const auto sorted = sorter_.sort(body, exchange, identity, most); !sorted) {
    if (sorted.error().code == Code::kTooLarge) return too_much(exchange, sorted.error().text);
    not_now(exchange, sorted.error().text + "; nothing of this request was written; send it again");
    return false;
  }
  charge(exchange, exchange.accepted + exchange.refused);
  return true;
}

void Intake::charge(const Exchange& exchange, std::uint64_t records) const {
  if (authority_ != nullptr) authority_->charge(exchange.admission, records, exchange.arrived_us);
}

bool Intake::too_much(Exchange& exchange, std::string_view why) {
  charge(exchange, sorter_.seen());
  release_key(exchange);
  exchange.keyed = false;
  exchange.answer.refuse(413, std::string(why) + "; nothing of this request was written");
  return false;
}

// A trace that is not told as it has to be is none, and its state says nothing then.
void Intake::keep_trace(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  AppendJob& job = exchange.job;
  if (head.traceparent.seen != 1 || !is_traceparent(head.traceparent.value)) return;
  job.add_header(kTraceparent, head.traceparent.value);
  if (const std::string_view state = kept_tracestate(head.tracestate.value); !state.empty()) {
    job.add_header(kTracestate, state);
  }
  job.trace_headers = job.record_headers;
}

std::string_view Intake::unpacked(Exchange& exchange) {
  exchange.bytes = exchange.body.size();
  if (exchange.packing == Packing::kNone) {
    exchange.body.reserve(exchange.body.size() + kBodyPadding);
    return exchange.body;
  }
  switch (unpack(exchange.packing, exchange.body, options_.max_body_bytes, exchange.unpacked)) {
    case Unpacked::kDone:
      break;
    case Unpacked::kDamaged:
      exchange.answer.refuse(400, "the body is not what its Content-Encoding says, or it ends too soon");
      break;
    case Unpacked::kTooLarge:
      exchange.answer.refuse(413,
                             fmt::format("unpacked the body has more than {} bytes, or is packed as only bombs are",
                                         options_.max_body_bytes));
      break;
  }
  return exchange.unpacked;
}

// True: the request goes on, with its key pending.
bool Intake::claim_key(Exchange& exchange, std::string_view body, const std::string& identity) {
  const std::string& route = exchange.route->name;
  const std::string& key = exchange.head.idempotency_key.value;
  const Sha256Digest digest = sha256(body);
  exchange.key = key_id(route, identity);
  if (identity != key) {
    if (const KeyId shared = key_id(route, key); keys_.shared(shared, digest)) exchange.key = shared;
  }
  switch (keys_.claim(exchange.key, digest, exchange.arrived_us)) {
    case KeyState::kLook:
      exchange.job.look_first = true;
      exchange.job.look_since_us = keys_.since_us(exchange.key);
      break;
    case KeyState::kNew:
      break;
    case KeyState::kPending:
      exchange.answer.refuse(409, "a request with this Idempotency-Key is under way; try again when it has ended");
      exchange.answer.add_header("Retry-After", kSoon);
      return false;
    case KeyState::kOtherBody:
      exchange.answer.refuse(422, "this Idempotency-Key was used with another body; a new request needs a new key");
      return false;
    case KeyState::kDone:
      exchange.answer.status = keys_.answer(exchange.key).status;
      exchange.answer.body = keys_.answer(exchange.key).body;
      exchange.answer.add_header("Idempotency-Replayed", "true");
      return false;
  }
  exchange.keyed = true;
  return true;
}

void Intake::fill_intent(Exchange& exchange, std::string_view body) {
  AppendJob& job = exchange.job;
  const std::string answer = kept_answer(exchange);
  Intent intent;
  intent.id = exchange.key;
  intent.body = sha256(body);
  intent.stream = exchange.route->stream;
  intent.label = job.key_label;
  intent.records = !job.records.empty();
  intent.at_us = exchange.arrived_us;
  intent.status = exchange.answer.status;
  intent.answer = answer;
  const std::string text = render_intent(intent);
  job.intent = job.keep(Bytes(text)).view();
  job.key_id = job.keep(Bytes(to_hex(exchange.key))).view();
  job.stream_name = exchange.route->stream;
}

// Nothing of it was written by this try.
void Intake::release_key(Exchange& exchange) {
  if (!exchange.keyed) return;
  if (exchange.job.look_first) {
    keys_.unsure(exchange.key);
  } else {
    keys_.forget(exchange.key);
  }
}

void Intake::overloaded(Exchange& exchange) {
  not_now(exchange, "too many records wait to be written; nothing of this request was; send it again");
}

void Intake::not_now(Exchange& exchange, std::string_view why) {
  release_key(exchange);
  exchange.answer.refuse(503, why);
  exchange.answer.add_header("Retry-After", kSoon);
}

// Letters are in the queue also when the records that came with them are in no stream.
void Intake::count_letters(const Exchange& exchange) {
  const AppendJob& job = exchange.job;
  const std::string_view queue = exchange.route->queue;
  if (job.letters_end == LettersEnd::kFailed) metrics_.letters_not_written(queue);
  if (job.letters_end != LettersEnd::kDurable) return;
  for (const std::string_view type : job.letter_types) metrics_.dead_letter(queue, type);
}

void Intake::appended(Exchange& exchange) {
  count_letters(exchange);
  const AppendJob& job = exchange.job;
  const std::string_view api = exchange.route->name;
  const std::uint64_t all = exchange.accepted + exchange.refused;
  switch (job.end) {
    case AppendEnd::kDurable:
      if (exchange.keyed) keys_.done(exchange.key, {exchange.answer.status, kept_answer(exchange)});
      if (exchange.accepted > 0) metrics_.records(api, "accepted", exchange.accepted);
      if (exchange.refused > 0) metrics_.records(api, "dead_lettered", exchange.refused);
      return;
    case AppendEnd::kRefused:
      if (exchange.keyed) keys_.forget(exchange.key);
      exchange.answer.refuse(413, "the stream does not take these records: " + job.error.text);
      break;
    case AppendEnd::kUnavailable:
      if (exchange.keyed) keys_.unsure(exchange.key);
      exchange.answer.refuse(503, "the records could not be made durable; send them again");
      exchange.answer.add_header("Retry-After", kSoon);
      break;
  }
  metrics_.records(api, "not_durable", all);
}

void Intake::answered(const Exchange& exchange, const Peer& peer) {
  const std::string_view api = exchange.route != nullptr ? std::string_view(exchange.route->name) : "unknown";
  const std::chrono::duration<double> took = clock_.steady() - exchange.started;
  metrics_.request(api, exchange.answer.status);
  metrics_.seconds(api, took.count());
  if (!options_.access_log) return;
  const RequestHead& head = exchange.head;
  log(LogLevel::kInfo, "ingest",
      fmt::format("{} {} {} {} records {} bytes {:.3f} ms {} {} {}", head.method, head.path(), exchange.answer.status,
                  exchange.accepted + exchange.refused, exchange.bytes, took.count() * 1000, peer.address,
                  exchange.admission.name.empty() ? "-" : exchange.admission.name, exchange.request_id));
}

}  // namespace eddy::host
