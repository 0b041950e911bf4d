// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_entries.h"

#include <simdjson.h>

#include <cstring>
#include <optional>

#include "base/encoding.h"

namespace eddy::host {
namespace {

constexpr std::size_t kReadBatch = 4096;

template <typename Bytes>
bool bytes_of_hex(std::string_view text, Bytes& out) {
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
                     json["status"].get(status) == simdjson::SUCCESS && bytes_of_hex(body, past.body);
  if (!whole) return std::nullopt;
  bool own = false;
  past.shared = json["own"].get(own) != simdjson::SUCCESS || !own;
  past.stream = stream;
  past.label = label;
  past.answer = {static_cast<int>(status), std::string(answer)};
  return past;
}

// The journal, read from its beginning.
class Reading {
 public:
  explicit Reading(std::int64_t oldest_us) : oldest_us_(oldest_us) {}

  void take(const Record& record) {
    const std::string_view id = record.key.view();
    if (record.value.view() == kMarkEntry) {
      if (const auto found = pasts_.find(id); found != pasts_.end()) found->second.done = true;
      return;
    }
    simdjson::dom::element json;
    if (parser_.parse(record.value.data(), record.value.size(), false).get(json) != simdjson::SUCCESS) return;
    if (id == kEndsKey) return take_ends(json);
    auto past = parse_intent(json);
    if (past && past->at_us >= oldest_us_) add(id, std::move(*past));
  }
  PastIntents& pasts() { return pasts_; }

 private:
  void take_ends(const simdjson::dom::element& json) {
    std::string_view stream;
    simdjson::dom::array list;
    if (json["stream"].get(stream) != simdjson::SUCCESS || json["ends"].get(list) != simdjson::SUCCESS) return;
    std::vector<std::int64_t> ends;
    for (const auto end : list) {
      if (end.get(ends.emplace_back()) != simdjson::SUCCESS) return;
    }
    ends_[std::string(stream)] = std::make_shared<const std::vector<std::int64_t>>(std::move(ends));
  }

  // A second try under the same key: the records may be those of the first.
  void add(std::string_view id, PastIntent past) {
    const auto before = pasts_.find(id);
    if (before != pasts_.end() && !before->second.done && before->second.body == past.body) {
      past.ends = before->second.ends;
    } else if (const auto found = ends_.find(past.stream); found != ends_.end()) {
      past.ends = found->second;
    }
    pasts_.insert_or_assign(std::string(id), std::move(past));
  }

  const std::int64_t oldest_us_;
  simdjson::dom::parser parser_;
  std::map<std::string, StreamEnds, std::less<>> ends_;  // the last of each stream
  PastIntents pasts_;
};

}  // namespace

bool read_key_id(std::string_view text, KeyId& id) { return bytes_of_hex(text, id); }

std::string render_intent(const Intent& intent) {
  std::string json = R"({"state":"begun","body":")" + to_hex(intent.body) + R"(","stream":)";
  append_json_string(json, intent.stream);
  json += R"(,"label":)";
  append_json_string(json, intent.label);
  json += R"(,"records":)" + std::string(intent.records ? "true" : "false");
  json += R"(,"own":true,"at_us":)" + std::to_string(intent.at_us) + R"(,"status":)" + std::to_string(intent.status);
  json += R"(,"answer":)";
  append_json_string(json, intent.answer);
  json += "}";
  return json;
}

std::string render_ends(std::string_view stream, const std::vector<std::int64_t>& ends) {
  std::string json = R"({"state":"ends","stream":)";
  append_json_string(json, stream);
  json += R"(,"ends":[)";
  for (const std::int64_t end : ends) json.append(json.back() == '[' ? "" : ",").append(std::to_string(end));
  return json + "]}";
}

Result<PastIntents> read_entries(Transport& transport, std::int64_t oldest_us) {
  EDDY_ASSIGN(auto browser, transport.open_browser(kIdempotencyStream));
  Reading reading(oldest_us);
  std::int64_t next = 0;
  while (true) {
    EDDY_ASSIGN(const auto batch, browser->read(0, next, kReadBatch));
    if (batch.empty()) return std::move(reading.pasts());
    for (const Record& record : batch) reading.take(record);
    next = batch.back().offset + 1;
  }
}

}  // namespace eddy::host
