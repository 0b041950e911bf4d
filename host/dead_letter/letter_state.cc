// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/letter_state.h"

#include <simdjson.h>

#include <array>

#include "base/encoding.h"

namespace eddy::host {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::array<std::string_view, 5> kStateNames = {"open", "recovered", "redriven", "discarded", "parked"};
constexpr std::size_t kStatePadding = 64;

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out.append(",\"").append(name).append("\":");
  append_json_string(out, text);
}

Error bad(const Record& record, std::string_view what) {
  return {Code::kBadData, std::string(kStateStream) + "/" + std::to_string(record.partition) + "/" +
                              std::to_string(record.offset) + ": is no state of a dead letter: " + std::string(what)};
}

// What is missing or of another type leaves `into` as it is.
template <typename T>
void take(ondemand::object& object, std::string_view name, T& into) {
  if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    if (object[name].get_string().get(text) == simdjson::SUCCESS) into = text;
  } else {
    std::int64_t number = 0;
    if (object[name].get_int64().get(number) == simdjson::SUCCESS) into = static_cast<T>(number);
  }
}

}  // namespace

std::string_view name_of(LetterState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<LetterState> letter_state(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<LetterState>(i);
  }
  return std::nullopt;
}

const OutRecord& LetterStateWriter::write(const LetterStateRecord& record) {
  value_ = "{\"state\":\"";
  value_.append(name_of(record.state)).append("\",\"at\":\"");
  append_rfc3339(value_, record.at_us);
  value_.append("\",\"hops\":").append(std::to_string(record.hops));
  append_text(value_, "queue", record.queue);
  append_text(value_, "by", record.by);
  append_text(value_, "redrive", record.redrive);
  append_text(value_, "reason", record.reason);
  if (record.recovery_us >= 0) value_.append(",\"recovery_us\":").append(std::to_string(record.recovery_us));
  value_ += '}';
  key_ = record.id;
  out_ = {.key = key_, .value = value_, .headers = {}, .timestamp_us = record.at_us, .partition = {}};
  return out_;
}

Result<LetterStateRecord> read_letter_state(const Record& record) {
  static_assert(kStatePadding >= simdjson::SIMDJSON_PADDING);
  if (record.key.null() || record.key.size() == 0) return bad(record, "its key, the letter's id, is empty");
  if (record.value.null()) return bad(record, "it has no value");
  static thread_local ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  const simdjson::padded_string_view text(record.value.data(), record.value.size(),
                                          record.value.size() + kStatePadding);
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS)
    return bad(record, "expected a JSON object, found " + std::string(record.value.view().substr(0, 40)));
  LetterStateRecord state;
  state.id = record.key.view();
  std::string name, at;
  take(object, "state", name);
  const auto known = letter_state(name);
  if (!known) return bad(record, "expected recovered, redriven or discarded at /state, found '" + name + "'");
  state.state = *known;
  take(object, "at", at);
  state.at_us = from_rfc3339(at).value_or(record.timestamp_us);
  take(object, "hops", state.hops);
  take(object, "queue", state.queue);
  take(object, "by", state.by);
  take(object, "redrive", state.redrive);
  take(object, "reason", state.reason);
  take(object, "recovery_us", state.recovery_us);
  return state;
}

}  // namespace eddy::host
