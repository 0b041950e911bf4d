// SPDX-License-Identifier: Apache-2.0
#include "triage/samples.h"

#include <fmt/format.h>

namespace eddy::host::triage {

namespace {

constexpr std::size_t kMostGroupsKnown = 200'000;  // kept in memory

}  // namespace

Result<std::unique_ptr<Samples>> Samples::open(sqlite::Database& database) {
  auto samples = std::make_unique<Samples>();
  const auto make = [&](sqlite::Statement& into, std::string_view sql) -> Result<void> {
    EDDY_ASSIGN(into, database.prepare(sql));
    return {};
  };
  EDDY_TRY(make(samples->select_bytes_, "SELECT coalesce(sum(size), 0) FROM sample"));
  EDDY_TRY(make(samples->select_held_,
                "SELECT count(*), coalesce(max(kept_us), 0) FROM sample WHERE queue = ?1 AND fingerprint = ?2"));
  EDDY_TRY(make(samples->insert_,
                "INSERT OR REPLACE INTO sample(id, queue, fingerprint, stream, partition, offset, hops, failed_us, "
                "kept_us, size, timestamp_us, record) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"));
  EDDY_TRY(make(samples->delete_surplus_,
                "DELETE FROM sample WHERE id = (SELECT id FROM sample WHERE queue = ?1 AND fingerprint = ?2 "
                "ORDER BY gone_us IS NULL, gone_us, kept_us DESC, failed_us DESC LIMIT 1) RETURNING size"));
  EDDY_TRY(make(samples->delete_one_, "DELETE FROM sample WHERE id = ?1"));
  EDDY_TRY(make(samples->update_gone_, "UPDATE sample SET gone_us = ?2, state = ?3 WHERE id = ?1"));
  EDDY_TRY(make(samples->sweep_,
                "DELETE FROM sample WHERE gone_us < ?1 AND NOT EXISTS (SELECT 1 FROM kind WHERE kind.queue = "
                "sample.queue AND kind.fingerprint = sample.fingerprint)"));
  return samples;
}

Result<void> Samples::begin(std::int64_t now_us, bool changed) {
  now_us_ = now_us;
  if (changed || groups_.size() > kMostGroupsKnown) forget();
  if (bytes_ >= 0) return {};
  const sqlite::ResetLater later(select_bytes_);
  EDDY_ASSIGN([[maybe_unused]] const bool row, select_bytes_.step("adding up samples"));
  bytes_ = select_bytes_.integer(0);
  return {};
}

void Samples::forget() {
  groups_.clear();
  bytes_ = -1;
}

Result<Samples::Held*> Samples::held_of(std::string_view queue, std::string_view fingerprint) {
  key_.assign(queue).append(1, '\0').append(fingerprint);
  const auto [at, first] = groups_.try_emplace(key_);
  if (!first) return &at->second;
  const sqlite::ResetLater later(select_held_);
  select_held_.bind(1, queue);
  select_held_.bind(2, fingerprint);
  EDDY_ASSIGN([[maybe_unused]] const bool row, select_held_.step("looking for samples"));
  at->second = {static_cast<std::size_t>(select_held_.integer(0)), select_held_.integer(1)};
  return &at->second;
}

Result<void> Samples::offer(std::string_view queue, const LetterPlace& place, const Record& record,
                            const DeadLetter& letter, std::int64_t failed_us) {
  EDDY_ASSIGN(Held* const held, held_of(queue, letter.fingerprint));
  if (held->samples >= kSamplesOfGroup && now_us_ - held->newest_us < kRenewAfterUs) return {};
  if (letter.truncated || record.value.size() > kMostSampleBytes) return {};
  const std::string packed = KeptRecord::pack(record);
  const auto size = static_cast<std::int64_t>(packed.size());
  if (packed.size() > kMostSampleBytes || bytes_ + size > kMostSamplesBytes) return {};
  if (held->samples >= kSamplesOfGroup) EDDY_TRY(make_room(queue, letter.fingerprint));
  insert_.bind(1, letter.id);
  insert_.bind(2, queue);
  insert_.bind(3, letter.fingerprint);
  insert_.bind(4, std::string_view(place.queue));
  insert_.bind(5, std::int64_t{place.partition});
  insert_.bind(6, place.offset);
  insert_.bind(7, std::int64_t{place.hops});
  insert_.bind(8, failed_us);
  insert_.bind(9, now_us_);
  insert_.bind(10, size);
  insert_.bind(11, record.timestamp_us);
  insert_.bind_blob(12, packed);
  EDDY_TRY(insert_.run("keeping a letter whole"));
  bytes_ += size;
  held->samples = std::min(held->samples + 1, kSamplesOfGroup);
  held->newest_us = now_us_;
  return {};
}

Result<void> Samples::make_room(std::string_view queue, std::string_view fingerprint) {
  const sqlite::ResetLater later(delete_surplus_);
  delete_surplus_.bind(1, queue);
  delete_surplus_.bind(2, fingerprint);
  EDDY_ASSIGN(const bool row, delete_surplus_.step("making room for a sample"));
  if (row) bytes_ -= delete_surplus_.integer(0);
  return {};
}

Result<void> Samples::drop(std::string_view id) {
  delete_one_.bind(1, id);
  EDDY_TRY(delete_one_.run("forgetting a sample"));
  forget();  // its group has room again
  return {};
}

Result<void> Samples::note_gone(std::string_view id, LetterState state) {
  update_gone_.bind(1, id);
  update_gone_.bind(2, now_us_);
  update_gone_.bind(3, static_cast<std::int64_t>(state));
  return update_gone_.run("noting that a sample has left its queue");
}

Result<void> Samples::sweep() {
  sweep_.bind(1, now_us_ - kKeepGoneUs);
  EDDY_TRY(sweep_.run("forgetting samples that have been gone for long"));
  forget();
  return {};
}

Result<std::vector<KeptLetter>> find_kept(sqlite::Database& reader, std::string_view id_prefix, std::size_t limit) {
  EDDY_ASSIGN(auto rows, reader.prepare(fmt::format(
                             "SELECT id, queue, stream, partition, offset, hops, coalesce(gone_us, 0), "
                             "coalesce(state, 0), timestamp_us, record FROM sample WHERE id >= ?1 AND id < ?2 "
                             "ORDER BY id LIMIT {}",
                             limit)));
  const std::string end = std::string(id_prefix) + "\xff";  // no text has that byte
  rows.bind(1, id_prefix);
  rows.bind(2, std::string_view(end));
  std::vector<KeptLetter> found;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("looking for a sample"));
    if (!row) return found;
    KeptLetter& letter = found.emplace_back();
    letter.place = {std::string(rows.text(2)), static_cast<std::uint32_t>(rows.integer(3)), rows.integer(4),
                    std::string(rows.text(0)), static_cast<std::uint32_t>(rows.integer(5))};
    letter.queue = rows.text(1);
    letter.gone_us = rows.integer(6);
    letter.state = static_cast<LetterState>(rows.integer(7));
    letter.timestamp_us = rows.integer(8);
    EDDY_ASSIGN(letter.kept, KeptRecord::unpack(rows.blob(9)));
  }
}

}  // namespace eddy::host::triage
