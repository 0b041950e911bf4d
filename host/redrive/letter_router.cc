// SPDX-License-Identifier: Apache-2.0
#include "redrive/letter_router.h"

#include <algorithm>

namespace eddy::host {

namespace {

LetterRoute left_out(std::string reason) {
  LetterRoute route;
  route.reason = std::move(reason);
  return route;
}

// The one that the record was for, not a recovery function that failed on its letter since.
std::string function_of(const DeadLetter& letter) {
  return std::string(letter.hops > 0 && !letter.first_function.empty() ? letter.first_function : letter.function);
}

}  // namespace

LetterRouter::LetterRouter(Transport& transport, const FunctionTargets& targets, std::string queue, std::string to,
                           bool over_budget)
    : transport_(transport),
      targets_(targets),
      queue_(std::move(queue)),
      to_(std::move(to)),
      over_budget_(over_budget) {}

Result<LetterRoute> LetterRouter::route(const DeadLetter& letter) {
  if (!over_budget_ && letter.hops >= targets_.max_hops(queue_)) {
    return left_out("no hops left (max_hops of the queue); over_budget sends it all the same");
  }
  return to_.empty() ? to_function(letter) : to_stream(letter);
}

Result<LetterRoute> LetterRouter::to_function(const DeadLetter& letter) {
  if (!letter.route.empty()) return through_api(letter);
  if (letter.source != "transform") {
    const bool table = letter.source == "table";
    return left_out(
        table ? "the write to a table failed on it, not a function: name the table's stream to send it to (to)"
              : "it says of no function that it failed on it: name a stream to send it to (to)");
  }
  if (letter.truncated) return left_out("too large to be kept, it is at its origin only: name a stream to send it to");
  if (!is_what_failed(letter, original_of(letter))) return left_out("its bytes are not those that failed (digest)");
  const std::string function = function_of(letter);
  auto known = streams_.find(function);
  if (known == streams_.end()) known = streams_.emplace(function, targets_.stream_of(function)).first;
  if (!known->second) {
    if (known->second.error().code == Code::kBadData) return left_out(known->second.error().text);
    Error error = known->second.error();
    streams_.erase(known);  // asked again
    return error;
  }
  LetterRoute route;
  route.function = function;
  route.stream = *known->second;
  return route;
}

// Also one that a recovery function has failed on since: it is the API that it has not passed.
Result<LetterRoute> LetterRouter::through_api(const DeadLetter& letter) {
  if (letter.truncated) return left_out("too large to be kept: only who sent it to the ingest API has it");
  if (!is_what_failed(letter, original_of(letter))) return left_out("its bytes are not those that failed (digest)");
  auto taken = targets_.readmit(letter);
  if (!taken) {
    if (taken.error().code == Code::kBadData) return left_out(taken.error().text);
    return taken.take_error();
  }
  LetterRoute route;
  route.stream = std::move(taken->stream);
  route.elements = std::move(taken->elements);
  route.original = original_of(letter);
  return route;
}

Result<LetterRoute> LetterRouter::to_stream(const DeadLetter& letter) {
  LetterRoute route;
  if (letter.truncated) {
    EDDY_ASSIGN(const Record* const found, at_origin(letter));
    if (found == nullptr) return left_out("too large to be kept, and no longer at its origin");
    route.original = *found;
  } else {
    route.original = original_of(letter);
  }
  if (!is_what_failed(letter, route.original)) return left_out("its bytes are not those that failed (digest)");
  route.stream = to_;
  return route;
}

bool LetterRouter::is_what_failed(const DeadLetter& letter, const Record& original) {
  if (letter.digest.empty()) return true;  // of another writer
  return digest_.of_record(original.key, original.value, original.headers) == letter.digest;
}

// Null: retention has passed it.
Result<const Record*> LetterRouter::at_origin(const DeadLetter& letter) {
  const bool in_queue = !letter.previous_stream.empty();
  const std::string stream(in_queue ? letter.previous_stream : letter.origin_stream);
  const std::uint32_t partition = in_queue ? letter.previous_partition : letter.origin_partition;
  const std::int64_t offset = in_queue ? letter.previous_offset : letter.origin_offset;
  if (stream.empty() || offset < 0) return nullptr;
  std::unique_ptr<Browser>& browser = browsers_[stream];
  if (browser == nullptr) {
    auto opened = transport_.open_browser(stream);
    if (!opened && opened.error().code == Code::kBadData) return nullptr;
    EDDY_ASSIGN(browser, std::move(opened));
  }
  EDDY_ASSIGN(const auto records, browser->read(partition, offset, 1));
  if (records.empty() || records.front().offset != offset) return nullptr;
  resolved_ = records.front();
  if (!in_queue) return &resolved_;
  const auto before = reader_.read(resolved_);
  if (!before || (*before)->truncated) return nullptr;
  resolved_ = original_of(**before);
  return &resolved_;
}

}  // namespace eddy::host
