// SPDX-License-Identifier: Apache-2.0
#include "table/feed.h"

#include <algorithm>

#include "base/log.h"
#include "table/letter_row.h"

namespace eddy::host {

namespace {

// What does not fit the model has no code of the database.
constexpr std::string_view kParseError = "ParseError", kValidationError = "ValidationError";
constexpr std::size_t kLongestMessage = 1024;

bool by_the_model(const Refusal& refusal) { return refusal.code == kParseError || refusal.code == kValidationError; }

}  // namespace

Feed::Feed(const FeedSpec& spec, Transport& transport, Session& session, TableSink& sink, const Clock& clock,
           WorkerCounters& counters)
    : spec_(spec),
      name_(spec.name()),
      transport_(transport),
      session_(session),
      sink_(sink),
      clock_(clock),
      counters_(counters) {}

Result<std::size_t> Feed::run(std::chrono::milliseconds wait) {
  refused_.clear();
  written_ = filtered_ = 0;  // an empty batch counts nothing
  EDDY_TRY(gather(wait));
  if (batch_.empty()) return 0;
  EDDY_TRY(settle());
  EDDY_TRY(write_table());
  EDDY_TRY(end_records());
  return batch_.size();
}

Result<void> Feed::gather(std::chrono::milliseconds wait) {
  batch_.clear();
  std::chrono::steady_clock::time_point begin;
  while (batch_.size() < spec_.batch_rows && batch_.bytes() < spec_.batch_bytes) {
    if (!batch_.empty()) {
      const auto left = spec_.batch_time - (clock_.steady() - begin);
      wait = std::chrono::ceil<std::chrono::milliseconds>(std::max(left, decltype(left)::zero()));
    }
    auto polled = session_.poll(wait, spec_.batch_rows - batch_.size());
    if (!polled && !batch_.empty()) break;  // the next batch meets the error at its begin
    if (!polled) return polled.take_error();
    for (const std::uint32_t partition : session_.lost()) standings_.erase(partition);
    if (polled->empty()) break;  // the time is up, or partitions are to be given away
    if (batch_.empty()) begin = clock_.steady();
    for (const Record& record : *polled) batch_.add(record);
  }
  return {};
}

Result<void> Feed::settle() {
  decoder_.reset();
  letters_.reset();
  ranges_.clear();
  rows_.clear();
  refusals_.clear();
  repeated_.clear();
  for (const Record& record : batch_.records()) {
    EDDY_ASSIGN(Standing* const where, standing(record.partition));
    take(record, *where);
  }
  return {};
}

// Asks the table first and the group after it, so that a group behind the table's last range has been set back, and is
// not one whose records another session has settled meanwhile.
Result<Feed::Standing*> Feed::standing(std::uint32_t partition) {
  const auto [at, is_new] = standings_.try_emplace(partition);
  if (!is_new) return &at->second;
  standings_.erase(at);  // not known until all of this has worked
  EDDY_ASSIGN(FeedPosition position, sink_.position(name_, partition));
  Standing fresh{position.next, position.next, std::move(position.refused)};
  if (position.next >= 0) {
    EDDY_ASSIGN(const auto positions, transport_.positions("eddy-" + name_, spec_.stream));
    const auto own = std::ranges::find(positions, partition, &Position::partition);
    if (own != positions.end() && own->committed < position.from) {
      log(LogLevel::kWarn, name_,
          "partition " + std::to_string(partition) + " of stream " + spec_.stream + " stands at " +
              std::to_string(own->committed) + ", before what " + sink_.describe() + " took last, " +
              std::to_string(position.from) + ": it was set back or made anew, its records become rows again");
      fresh.settled = -1;
      fresh.refused.clear();
    }
  }
  return &(standings_[partition] = std::move(fresh));
}

void Feed::take(const Record& record, Standing& standing) {
  const Place place{record.partition, record.offset};
  if (record.offset < standing.settled) {
    repeated_.insert(record.partition);
    const auto refusal = std::ranges::find(standing.refused, record.offset, &Refusal::offset);
    refusal != standing.refused.end() ? void(refused_.emplace(place, *refusal)) : void(++written_);
    return;
  }
  if (waits(record)) return;
  FeedRange& range = ranges_.try_emplace(record.partition, FeedRange{record.partition, standing.next, 0}).first->second;
  range.next = record.offset + 1;
  if (record.value.null()) return void(++filtered_);  // a tombstone is no row
  if (const eddy_value* row = row_of(record)) rows_.push_back({record.partition, record.offset, row});
}

// Until the stream has committed what came again, the table keeps what it knows of these records.
bool Feed::waits(const Record& record) const {
  return repeated_.contains(record.partition) && record.offset >= standings_.at(record.partition).settled;
}

const eddy_value* Feed::row_of(const Record& record) {
  if (spec_.letters) {
    const auto letter = reader_.read(record);
    if (letter) return letter_row(**letter, letters_);
    refuse(record, std::string(kParseError), letter.error().text);
    return nullptr;
  }
  ModelError error;
  const eddy_value* const row = decoder_.decode(*spec_.table.model, record.value.view(), error);
  if (row == nullptr) refuse(record, std::string(error.type()), error.message());
  return row;
}

void Feed::refuse(const Record& record, std::string code, std::string message) {
  if (message.size() > kLongestMessage) message.resize(kLongestMessage);
  refusals_.push_back({record.partition, record.offset, std::move(code), std::move(message)});
}

// The table keeps what it was given through a power cut. The stream is made to keep as much before: these records, and
// the position after those of the batch before. Else it could come back with other records at these offsets, or from so
// far behind that it looked like one that was set back by hand.
Result<void> Feed::settle_stream() { return transport_.append(spec_.queue_id, {}); }

Result<void> Feed::write_table() {
  if (ranges_.empty()) return {};
  std::vector<FeedRange> ranges;
  for (const auto& [partition, range] : ranges_) ranges.push_back(range);
  const auto begin = clock_.steady();
  EDDY_TRY(settle_stream());
  EDDY_ASSIGN(std::vector<Refusal> refused, sink_.write({name_, ranges, rows_, refusals_}));
  counters_.call_seconds.observe(std::chrono::duration<double>(clock_.steady() - begin).count());
  written_ += rows_.size() - refused.size();
  refused.insert(refused.end(), refusals_.begin(), refusals_.end());
  for (const FeedRange& range : ranges) standings_[range.partition] = {range.next, range.next, {}};
  for (Refusal& refusal : refused) {
    const Place place{refusal.partition, refusal.offset};
    refused_.emplace(place, std::move(refusal));
  }
  return {};
}

Result<void> Feed::end_records() {
  for (const Record& record : batch_.records()) {
    if (waits(record)) continue;
    const auto refusal = refused_.find({record.partition, record.offset});
    if (refusal == refused_.end()) {
      session_.end(record, record.value.null() ? Outcome::kFiltered : Outcome::kDelivered);
      continue;
    }
    EDDY_TRY(write_letter(record, refusal->second));
    session_.end(record, Outcome::kDeadLettered);
  }
  return {};
}

Result<void> Feed::write_letter(const Record& record, const Refusal& refusal) {
  const bool model = by_the_model(refusal);
  const std::string message = model ? refusal.message : refusal.code + ": " + refusal.message;
  Failure failure;
  failure.error_type = model ? std::string_view(refusal.code) : "TableError";
  failure.error_message = message;
  failure.source = "table";
  failure.function = name_;
  failure.plugin = spec_.plugin;
  failure.plugin_version = spec_.plugin_version;
  failure.plugin_build_id = spec_.plugin_build_id;
  failure.plugin_sha256 = spec_.plugin_sha256;
  failure.stream = spec_.stream;
  failure.failed_at_us = clock_.now_us();
  if (spec_.letters) {
    if (const auto letter = reader_.read(record)) {
      return session_.write(spec_.queue_id, writer_.write_again(record, **letter, failure, spec_.queue_options));
    }
  }
  return session_.write(spec_.queue_id, writer_.write(record, failure, spec_.queue_options));
}

void Feed::committed() {
  counters_.outcomes[static_cast<std::size_t>(Outcome::kDelivered)].add(written_);
  counters_.outcomes[static_cast<std::size_t>(Outcome::kFiltered)].add(filtered_);
  counters_.outcomes[static_cast<std::size_t>(Outcome::kDeadLettered)].add(refused_.size());
  for (const auto& [place, refusal] : refused_) {
    counters_.dead_letter(by_the_model(refusal) ? std::string_view(refusal.code) : "TableError");
  }
}

}  // namespace eddy::host
