// SPDX-License-Identifier: Apache-2.0
#include "redrive/redrives.h"

#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/log.h"
#include "dead_letter/queue_names.h"
#include "redrive/durable_file.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostOver = 100;
constexpr std::size_t kPlannedAtOnce = 1000;

// "20261128T181500-3fa9": sorts by time.
std::string new_id(std::int64_t now_us) {
  std::string id;
  for (const char c : to_rfc3339(now_us).substr(0, 19)) {
    if (c != '-' && c != ':') id += c;
  }
  std::uint8_t random[2];
  randombytes_buf(random, sizeof random);
  char hex[sizeof random * 2 + 1];
  return id + "-" + sodium_bin2hex(hex, sizeof hex, random, sizeof random);
}

// What was last said of letters in these states; nothing ever is of open and parked ones. A letter of which something
// else has been said just now gets no mark: it is not sent then, as it is not what was selected.
Result<Selection::Marks> marks_of(TriageIndex& index, const std::vector<LetterPlace>& places, LetterStates states) {
  Selection::Marks marks;
  for (const LetterState silent : {LetterState::kOpen, LetterState::kParked}) {
    states.reset(static_cast<std::size_t>(silent));
  }
  if (states.none()) return marks;
  for (const LetterPlace& place : places) {
    EDDY_ASSIGN(const auto state, index.state_of(place.id));
    if (state && has(states, state->state)) marks[place.id] = {state->state, state->at_us};
  }
  return marks;
}

}  // namespace

Json to_json(const RedrivePlan& plan) {
  return {{"dry_run", true}, {"selected", plan.selected}, {"to", Json(plan.to)}, {"left_out", Json(plan.left_out)}};
}

Error Redrives::unknown(const std::string& id) {
  return {Code::kBadData, "there is no redrive " + id + "; `eddy dlq redrives` lists them"};
}

Redrives::Redrives(RedriveContext context, std::string directory)
    : context_(std::move(context)), directory_(std::move(directory)) {}

Redrives::~Redrives() = default;

Result<std::unique_ptr<Redrives>> Redrives::open(RedriveContext context, const std::string& data_dir) {
  std::unique_ptr<Redrives> redrives(new Redrives(std::move(context), data_dir + "/redrives"));
  EDDY_TRY(redrives->take_up());
  return redrives;
}

Result<void> Redrives::take_up() {
  std::error_code failed;
  std::filesystem::create_directories(directory_, failed);
  if (failed) return Error{Code::kUnavailable, directory_ + ": cannot be made: " + failed.message()};
  for (const auto& entry : std::filesystem::directory_iterator(directory_, failed)) {
    if (entry.path().extension() != ".json") continue;
    const auto taken = take_up(entry.path().string());
    if (!taken) log(LogLevel::kError, "redrives", entry.path().string() + ": left alone: " + taken.error().text);
  }
  if (failed) return Error{Code::kUnavailable, directory_ + ": cannot be read: " + failed.message()};
  forget_old();
  return {};
}

Result<void> Redrives::take_up(const std::string& file) {
  std::ifstream in(file);
  EDDY_ASSIGN(RedriveStatus status, read_redrive(Json::parse(in, nullptr, false)));
  const std::string id = status.spec.id;
  if (status.ended()) {
    over_.emplace(id, std::move(status));
    return {};
  }
  EDDY_ASSIGN(Selection selection, Selection::load(selection_file(directory_, id)));
  log(LogLevel::kInfo, "redrive " + id, "goes on: " + std::string(name_of(status.state)));
  running_.emplace(id, std::make_unique<Redriver>(context_, directory_, std::move(status), std::move(selection)));
  return {};
}

Result<Selection> Redrives::select(const std::string& queue, LetterFilter filter) const {
  std::string base = queue;
  resolve_parked(base, filter);
  EDDY_ASSIGN(const auto index, context_.open_index());
  EDDY_TRY(index->catch_up(std::span(&base, 1)));
  EDDY_ASSIGN(const auto places, index->select(base, filter));
  EDDY_ASSIGN(const Selection::Marks marks, marks_of(*index, places, filter.states));
  return Selection::of(places, queue, marks);
}

Result<void> Redrives::check(const RedriveSpec& spec) const {
  if (!context_.targets.ready()) return Error{Code::kUnavailable, "the plugins have not been read yet"};
  EDDY_TRY(context_.transport.find_stream(spec.queue));
  if (!spec.to.empty()) EDDY_TRY(context_.transport.find_stream(spec.to));
  if (spec.to == spec.queue) return Error{Code::kBadData, "a queue cannot be redriven to itself"};
  if (spec.max_refailure_ratio < 0 || spec.max_refailure_ratio > 1) {
    return Error{Code::kBadData,
                 "max_refailure_ratio: expected 0 to 1, found " + std::to_string(spec.max_refailure_ratio)};
  }
  return {};
}

Result<void> Redrives::queue_is_free(const std::string& queue) const {
  for (const auto& [id, redriver] : running_) {
    const RedriveStatus status = redriver->status();
    if (status.spec.queue != queue || status.ended()) continue;
    return Error{Code::kConflict, "redrive " + id + " of this queue is " + std::string(name_of(status.state)) +
                                      "; wait for its end, or cancel it"};
  }
  return {};
}

Result<RedriveStatus> Redrives::start(RedriveSpec spec, const LetterFilter& filter) {
  EDDY_TRY(check(spec));
  {  // one that was just cancelled may be at its last unit: what that sends is not open any more
    const std::lock_guard lock(mutex_);
    forget_old();
  }
  spec.created_us = context_.clock.now_us();
  spec.filter = without_values(to_json(filter));
  EDDY_ASSIGN(Selection selection, select(spec.queue, filter));
  if (selection.size() == 0) {
    return Error{Code::kBadData, "no letter of " + spec.queue + " meets the filter " + spec.filter.dump() +
                                     "; those of its parked queue are asked for by that queue's name"};
  }
  const std::lock_guard lock(mutex_);
  EDDY_TRY(queue_is_free(spec.queue));
  forget_old();  // before the new one looks at what it sends
  spec.id = new_id(spec.created_us);
  RedriveStatus status{.spec = spec};
  status.counts.selected = selection.size();
  EDDY_TRY(selection.save(selection_file(directory_, spec.id)));
  EDDY_TRY(write_durably(status_file(directory_, spec.id), to_json(status).dump(2) + "\n"));
  running_.emplace(spec.id, std::make_unique<Redriver>(context_, directory_, status, std::move(selection)));
  return status;
}

Result<RedrivePlan> Redrives::plan(const RedriveSpec& spec, const LetterFilter& filter) {
  EDDY_TRY(check(spec));
  EDDY_ASSIGN(const Selection selection, select(spec.queue, filter));
  EDDY_ASSIGN(const auto browser, context_.transport.open_browser(spec.queue));
  LetterRouter router(context_.transport, context_.targets, base_queue(spec.queue), spec.to, spec.over_budget);
  LetterReader reader;
  RedrivePlan plan{.selected = selection.size()};
  for (const auto& [partition, letters] : selection.partitions()) {
    for (std::int64_t next = letters.front().offset; next < selection.end(partition);) {
      EDDY_ASSIGN(const auto records, browser->read(partition, next, kPlannedAtOnce));
      if (records.empty()) break;
      next = records.back().offset + 1;
      for (const Record& record : records) {
        if (selection.find(partition, record.offset) == nullptr) continue;
        EDDY_ASSIGN(const DeadLetter* const letter, reader.read(record));
        EDDY_ASSIGN(const LetterRoute route, router.route(*letter));
        if (!route.sent()) ++plan.left_out[route.reason];
        if (route.sent()) ++plan.to[route.function.empty() ? route.stream : route.function];
      }
    }
  }
  return plan;
}

std::vector<RedriveStatus> Redrives::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<RedriveStatus> all;
  for (const auto& [id, redriver] : running_) all.push_back(redriver->status());
  for (const auto& [id, status] : over_) all.push_back(status);
  std::ranges::sort(all, std::ranges::greater(), [](const RedriveStatus& status) { return status.spec.id; });
  return all;
}

Result<RedriveStatus> Redrives::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  if (const auto running = running_.find(id); running != running_.end()) return running->second->status();
  if (const auto over = over_.find(id); over != over_.end()) return over->second;
  return unknown(id);
}

Result<RedriveStatus> Redrives::act(const std::string& id, Result<void> (Redriver::*what)()) {
  const std::lock_guard lock(mutex_);
  if (const auto over = over_.find(id); over != over_.end()) {
    return Error{Code::kConflict, "redrive " + id + " is " + std::string(name_of(over->second.state)) + ": it is over"};
  }
  const auto running = running_.find(id);
  if (running == running_.end()) return unknown(id);
  EDDY_TRY(((*running->second).*what)());
  return running->second->status();
}

// Threads of what is over end here, too.
void Redrives::forget_old() {
  std::erase_if(running_, [this](const auto& entry) {
    RedriveStatus status = entry.second->status();
    if (!status.ended()) return false;
    over_.emplace(entry.first, std::move(status));
    return true;
  });
  while (over_.size() > kMostOver) {
    const std::string id = over_.begin()->first;
    std::error_code ignored;
    std::filesystem::remove(status_file(directory_, id), ignored);
    std::filesystem::remove(selection_file(directory_, id), ignored);
    over_.erase(over_.begin());
  }
}

}  // namespace eddy::host
