// SPDX-License-Identifier: Apache-2.0
#include "ingest/idempotency_journal.h"

#include <algorithm>

#include "base/log.h"

namespace eddy::host {
namespace {

constexpr std::uint32_t kRetentionDays = 2;  // a whole day more than the memory
// Clocks of hosts and brokers differ by less.
constexpr std::int64_t kSlackUs = 60'000'000;
// Ends that are a little old only make a search longer; a broker is not to be asked in every round.
constexpr std::chrono::seconds kEndsAge{1};
constexpr std::chrono::seconds kEndsRetry{30};
// Requests that the transport refused for good stay among the open ones: beyond this they are all forgotten, and what
// is then looked for is looked for by time.
constexpr std::size_t kMostOpen = 10'000;

// The key that a record was sent with, with its route; empty: none.
std::string_view label_of(const Record& record) {
  for (const Header& header : record.headers) {
    if (header.name.view() == kIdempotencyHeader) return header.value.view();
  }
  return {};
}

TailStart start_of(const StreamEnds& ends, std::int64_t at_us) {
  if (ends == nullptr) return {{}, at_us - kSlackUs};
  return {*ends, INT64_MAX};
}

// So that a search from there finds what one from `more` would find, too.
void widen(TailStart& start, const TailStart& more) {
  start.since_us = std::min(start.since_us, more.since_us);
  if (more.ends.empty()) return;
  if (start.ends.empty()) start.ends = more.ends;
  start.ends.resize(std::min(start.ends.size(), more.ends.size()));
  for (std::size_t i = 0; i < start.ends.size(); ++i) start.ends[i] = std::min(start.ends[i], more.ends[i]);
}

}  // namespace

Result<StreamId> IdempotencyJournal::make_stream(Transport& transport, std::uint32_t replication) {
  StreamSpec spec;
  spec.name = kIdempotencyStream;
  spec.retention_days = kRetentionDays;
  spec.replication = replication;
  auto stream = transport.ensure_stream(spec);
  if (!stream) return in_context("idempotency keys", stream.take_error());
  return stream;
}

Result<std::unique_ptr<IdempotencyJournal>> IdempotencyJournal::open(Transport& transport, const Clock& clock,
                                                                     IdempotencyKeys& keys) {
  EDDY_ASSIGN(const StreamId stream, make_stream(transport));
  std::unique_ptr<IdempotencyJournal> journal(new IdempotencyJournal(transport, clock, stream));
  if (auto loaded = journal->load(keys); !loaded) return in_context("idempotency keys", loaded.take_error());
  return journal;
}

// One search for all open keys of a stream: there may be many after an outage.
Result<void> IdempotencyJournal::settle(PastIntents& pasts) {
  struct Open {
    TailStart start;
    std::map<std::string_view, PastIntents::value_type*> by_label;
  };
  std::map<std::string_view, Open> streams;
  for (auto& past : pasts) {
    if (past.second.done || !past.second.records) continue;
    Open& open = streams[past.second.stream];
    widen(open.start, start_of(past.second.ends, past.second.at_us));
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
    EDDY_TRY(find_in_tail(transport_, stream, open.start, take));
  }
  return {};
}

Result<void> IdempotencyJournal::load(IdempotencyKeys& keys) {
  EDDY_ASSIGN(PastIntents pasts, read_entries(transport_, clock_.now_us() - kKeyLifetimeUs));
  EDDY_TRY(settle(pasts));
  std::vector<std::pair<std::int64_t, const PastIntents::value_type*>> in_time;
  for (const auto& past : pasts) {
    if (past.second.done) in_time.emplace_back(past.second.at_us, &past);
  }
  std::sort(in_time.begin(), in_time.end());
  for (const auto& [at_us, past] : in_time) {
    KeyId id;
    if (read_key_id(past->first, id))
      keys.learn(id, past->second.body, past->second.answer, at_us, past->second.shared);
  }
  flush();
  return {};
}

Result<bool> IdempotencyJournal::records_there(const AppendJob& job) {
  if (job.records.empty()) return false;
  const auto begun = open_.find(std::string(job.key_id));
  const TailStart start = start_of(begun != open_.end() ? begun->second : nullptr, job.look_since_us);
  return find_in_tail(transport_, job.stream_name, start,
                      [&job](const Record& record) { return label_of(record) == job.key_label; });
}

Result<void> IdempotencyJournal::begin(const std::vector<AppendJob*>& jobs) {
  auto appended = append(jobs);
  // Nobody knows whether the ends are there: the next intents bring them again.
  if (!appended) std::erase_if(ends_, [](const auto& known) { return known.second.ends != nullptr; });
  return appended;
}

Result<void> IdempotencyJournal::append(const std::vector<AppendJob*>& jobs) {
  entries_.clear();
  for (const std::string& id : marks_) entries_.push_back({Bytes(id), Bytes(kMarkEntry), {}, 0, {}});
  if (open_.size() > kMostOpen) open_.clear();
  for (const AppendJob* job : jobs) {
    // Of a second try those of the first stay.
    if (!job->records.empty()) open_.try_emplace(std::string(job->key_id), note_ends(job->stream_name));
    entries_.push_back({Bytes(job->key_id), Bytes(job->intent), {}, 0, {}});
  }
  EDDY_TRY(transport_.append(stream_, entries_));
  marks_.clear();
  return {};
}

// Where the stream ends, or ended a moment ago; an entry says so before the intents that rely on it. A cluster that
// does not say may take its time not to, and all requests wait meanwhile: it is left alone for a while.
StreamEnds IdempotencyJournal::note_ends(std::string_view stream) {
  auto known = ends_.find(stream);
  if (known != ends_.end() && clock_.steady() < known->second.until) return known->second.ends;
  if (known == ends_.end()) known = ends_.emplace(stream, KnownEnds()).first;
  const auto positions = transport_.positions("eddy-ingest", stream);
  if (!positions || positions->empty()) {
    const std::string why = positions ? "it has no partitions" : positions.error().text;
    log_limited(LogLevel::kWarn, "ingest", "ends",
                "where stream " + std::string(stream) +
                    " ends is not known, so that records of requests that are sent " +
                    "again are looked for by their times: " + why);
    known->second = {nullptr, clock_.steady() + kEndsRetry, {}};
    return nullptr;
  }
  std::vector<std::int64_t> ends(positions->size());
  for (const Position& position : *positions) {
    if (position.partition < ends.size()) ends[position.partition] = position.end;
  }
  known->second = {std::make_shared<const std::vector<std::int64_t>>(ends), clock_.steady() + kEndsAge,
                   render_ends(stream, ends)};
  entries_.push_back({Bytes(kEndsKey), Bytes(known->second.entry), {}, 0, {}});
  return known->second.ends;
}

void IdempotencyJournal::done(const AppendJob& job) {
  marks_.emplace_back(job.key_id);
  open_.erase(std::string(job.key_id));
}

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
