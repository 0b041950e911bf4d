// SPDX-License-Identifier: Apache-2.0
#include <eddy/eddy.hpp>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

struct RawEvent { std::string user_id; std::string action; double timestamp; };
EDDY_MODEL(RawEvent, user_id, action, timestamp)

struct ProcessedEvent { eddy::Key<std::string> user_id; std::string action; eddy::Timestamp processed_at; bool is_valid; };
EDDY_MODEL(ProcessedEvent, user_id, action, processed_at, is_valid)

ProcessedEvent process_event(const RawEvent& event) {
  if (event.user_id.empty()) throw std::invalid_argument("Invalid user_id: cannot be empty");
  if (event.timestamp < 0) throw std::invalid_argument("Invalid timestamp: cannot be negative");
  return {event.user_id, event.action, eddy::now(), true};
}

void notify(const RawEvent& event) {
  if (event.action == "forbidden_action") throw std::runtime_error("Forbidden action detected");
}

void monitor(const eddy::DeadLetter<RawEvent>& letter) {
  eddy::log::warn(letter.error_type, ": ", letter.error_message, " at ", letter.failed_at, " from ", letter.source);
}

std::optional<ProcessedEvent> recover_event(const eddy::DeadLetter<RawEvent>& letter) {
  if (letter.error_message.find("Invalid timestamp") == std::string::npos) return std::nullopt;  // skip
  RawEvent event = letter.as_typed();             // throws eddy::ValidationError if the original does not fit
  event.timestamp = std::abs(event.timestamp);
  return process_event(event);
}

EDDY_PLUGIN(app) {
  auto raw = app.ingest_pipeline<RawEvent>("raw_events", {.ingest_api = true, .stream = true, .table = false});
  auto processed = app.ingest_pipeline<ProcessedEvent>("processed_events", {.ingest_api = false, .stream = true, .table = true});
  auto dlq = app.dead_letter_queue<RawEvent>("EventDLQ");
  raw.stream().add_transform<process_event>(processed.stream(), {.dead_letter_queue = dlq});
  raw.stream().add_consumer<notify>({.dead_letter_queue = dlq});
  dlq.add_consumer<monitor>();
  auto recovered = app.stream<ProcessedEvent>("recovered_events", {.destination = processed.table()});
  dlq.add_transform<recover_event>(recovered);
}
