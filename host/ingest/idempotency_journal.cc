// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_journal.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "base/encoding.h"
#include "base/log.h"
#include "ingest/tail_search.h"

namespace eddy::host {
namespace {

constexpr std::uint32_t kRetentionDays = 2;  // a whole day more than the memory
constexpr std::size_t kReadBatch = 4096;
// Clocks of hosts and brokers differ by less.
constexpr std::int64_t kSlackUs = 60'000'000;
constexpr std::string_view kDone = R"({"state":"done"})";

template <typename Bytes>
bool from_hex(std::string_view text, Bytes& out) {
  if (text.size() != 2 * sizeof out) return false;
  unsigned char bytes[sizeof out];
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < sizeof out; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<unsigned char>(high * 16 + low);
  }
  std::memcpy(out.data(), bytes, sizeof out);
  return true;
}

}  // namespace

struct PastIntent {
  Sha256Digest body{};
  std::string stream, label;
  bool records = false;
  bool done = false;
  std::int64_t at_us = 0;
  KeyAnswer answer;
};

namespace {

// The key that a record was sent with, with its route; empty: none.
std::string_view label_of(const Record& record) {
  for (const Header& header : record.headers) {
    if (header.name.view() == kIdempotencyHeader) return header.value.view();
  }
  return {};
}

std::optional<PastIntent> parse_intent(const simdjson::dom::element& json) {
  PastIntent past;
  std::string_view body;
  std::string_view stream;
  std::string_view label;
  std::string_view answer;
  std::int64_t status = 0;
  const bool whole = json["body"].get(body) == simdjson::SUCCESS && json["stream"].get(stream) == simdjson::SUCCESS &&
                     json["label"].get(label) == simdjson::SUCCESS && json["answer"].get(answer) == simdjson::SUCCESS &&
                     json["records"].get(past.records) == simdjson::SUCCESS &&
                     json["at_us"].get(past.at_us) == simdjson::SUCCESS &&
                     json["status"].get(status) == simdjson::SUCCESS && from_hex(body, past.body);
  if (!whole) return std::nullopt;
  past.stream = stream;
  past.label = label;
  past.answer = {static_cast<int>(status), std::string(answer)};
  return past;
}

void take_entry(const Record& record, simdjson::dom::parser& parser, std::int64_t oldest_us, PastIntents& pasts) {
  const std::string_view id = record.key.view();
  if (record.value.view() == kDone) {
    if (const auto found = pasts.find(id); found != pasts.end()) found->second.done = true;
    return;
  }
  simdjson::dom::element json;
  if (parser.parse(record.value.data(), record.value.size(), false).get(json) != simdjson::SUCCESS) return;
  auto past = parse_intent(json);
  if (past && past->at_us >= oldest_us) pasts.insert_or_assign(std::string(id), std::move(*past));
}

Result<PastIntents> read_entries(Transport& transport, std::int64_t oldest_us) {
  EDDY_ASSIGN(auto browser, transport.open_browser(kIdempotencyStream));
  simdjson::dom::parser parser;
  PastIntents pasts;
  std::int64_t next = 0;
  while (true) {
    EDDY_ASSIGN(const auto batch, browser->read(0, next, kReadBatch));
    if (batch.empty()) return pasts;
    for (const Record& record : batch) take_entry(record, parser, oldest_us, pasts);
    next = batch.back().offset + 1;
  }
}

}  // namespace

std::string render_intent(const Intent& intent) {
  std::string json = R"({"state":"begun","body":")" + to_hex(intent.body) + R"(","stream":)";
  append_json_string(json, intent.stream);
  json += R"(,"label":)";
  append_json_string(json, intent.label);
  json += R"(,"records":)" + std::string(intent.records ? "true" : "false");
  json += R"(,"at_us":)" + std::to_string(intent.at_us) + R"(,"status":)" + std::to_string(intent.status);
  json += R"(,"answer":)";
  append_json_string(json, intent.answer);
  json += "}";
  return json;
}

Result<std::unique_ptr<IdempotencyJournal>> IdempotencyJournal::open(Transport& transport, const Clock& clock,
                                                                     IdempotencyKeys& keys) {
  StreamSpec spec;
  spec.name = kIdempotencyStream;
  spec.retention_days = kRetentionDays;
  auto stream = transport.ensure_stream(spec);
  if (!stream) return in_context("idempotency keys", stream.take_error());
  std::unique_ptr<IdempotencyJournal> journal(new IdempotencyJournal(transport, *stream));
  if (auto loaded = journal->load(clock, keys); !loaded) return in_context("idempotency keys", loaded.take_error());
  return journal;
}

// One search for all open keys of a stream: there may be many after an outage.
Result<void> IdempotencyJournal::settle(PastIntents& pasts) {
  struct Open {
    std::int64_t since_us = INT64_MAX;
    std::map<std::string_view, PastIntents::value_type*> by_label;
  };
  std::map<std::string_view, Open> streams;
  for (auto& past : pasts) {
    if (past.second.done || !past.second.records) continue;
    Open& open = streams[past.second.stream];
    open.since_us = std::min(open.since_us, past.second.at_us);
    open.by_label[past.second.label] = &past;
  }
  for (auto& [stream, open] : streams) {
    const auto take = [this, &labels = open.by_label](const Record& record) {
      const auto found = labels.find(label_of(record));
      if (found == labels.end()) return false;
      found->second->second.done = true;
      marks_.push_back(found->second->first);
      labels.erase(found);
      return labels.empty();
    };
    EDDY_TRY(find_in_tail(transport_, stream, open.since_us - kSlackUs, take));
  }
  return {};
}

Result<void> IdempotencyJournal::load(const Clock& clock, IdempotencyKeys& keys) {
  EDDY_ASSIGN(PastIntents pasts, read_entries(transport_, clock.now_us() - kKeyLifetimeUs));
  EDDY_TRY(settle(pasts));
  std::vector<std::pair<std::int64_t, const PastIntents::value_type*>> in_time;
  for (const auto& past : pasts) {
    if (past.second.done) in_time.emplace_back(past.second.at_us, &past);
  }
  std::sort(in_time.begin(), in_time.end());
  for (const auto& [at_us, past] : in_time) {
    KeyId id;
    if (from_hex(past->first, id)) keys.learn(id, past->second.body, past->second.answer, at_us);
  }
  flush();
  return {};
}

Result<bool> IdempotencyJournal::records_there(const AppendJob& job) {
  if (job.records.empty()) return false;
  return find_in_tail(transport_, job.stream_name, job.look_since_us - kSlackUs,
                      [&job](const Record& record) { return label_of(record) == job.key_label; });
}

Result<void> IdempotencyJournal::begin(const std::vector<AppendJob*>& jobs) {
  entries_.clear();
  for (const std::string& id : marks_) entries_.push_back({Bytes(id), Bytes(kDone), {}, 0, {}});
  for (const AppendJob* job : jobs) entries_.push_back({Bytes(job->key_id), Bytes(job->intent), {}, 0, {}});
  EDDY_TRY(transport_.append(stream_, entries_));
  marks_.clear();
  return {};
}

void IdempotencyJournal::done(const AppendJob& job) { marks_.emplace_back(job.key_id); }

void IdempotencyJournal::flush() {
  if (marks_.empty()) return;
  if (auto written = begin({}); !written) {
    log(LogLevel::kWarn, "ingest",
        "the marks of " + std::to_string(marks_.size()) +
            " idempotency keys could not be written: the next start looks for their records instead; " +
            written.error().text);
  }
}

}  // namespace eddy::host
