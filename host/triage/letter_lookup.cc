// SPDX-License-Identifier: Apache-2.0
#include "triage/letter_lookup.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/record.h"

namespace eddy::host {

namespace {

LetterRow row_of_copy(const KeptLetter& kept, const Record& record, const DeadLetter& letter) {
  LetterRow row;
  row.place = kept.place;
  row.queue = kept.queue;
  row.state = kept.state;
  row.fingerprint = letter.fingerprint;
  row.error_type = letter.error_type;
  row.source = letter.source;
  row.function = letter.function;
  row.plugin = letter.plugin;
  row.plugin_version = letter.plugin_version;
  row.plugin_build_id = letter.plugin_build_id;
  row.origin_stream = letter.origin_stream;
  row.route = letter.route;
  row.origin_partition = letter.origin_partition;
  row.origin_offset = letter.origin_offset;
  row.failed_us = letter.failed_at_us != 0 ? letter.failed_at_us : record.timestamp_us;
  row.first_failed_us = letter.first_failed_at_us != 0 ? letter.first_failed_at_us : row.failed_us;
  row.attempts = letter.attempts;
  row.size = size_of(record);
  row.digest = letter.digest;
  row.edited_from = letter.edited_from_id;
  return row;
}

}  // namespace

Result<std::optional<NamedLetter>> LetterLookup::find(const std::string& id) {
  EDDY_ASSIGN(auto rows, index_.find(id, 2));
  EDDY_ASSIGN(kept_, index_.kept(id, 2));
  std::set<std::string> ids;
  for (const LetterRow& row : rows) ids.insert(row.place.id);
  for (const KeptLetter& kept : kept_) ids.insert(kept.place.id);
  if (ids.empty()) return std::optional<NamedLetter>();
  const std::string meant = *ids.begin();  // the whole id comes before all that begin like it
  if (ids.size() > 1 && meant != id) {
    return Error{Code::kBadData, "more than one dead letter has an id that begins with " + id + "; give more of it"};
  }
  if (!rows.empty() && rows.front().place.id == meant) {
    EDDY_ASSIGN(const FetchedLetter fetched, fetcher_.fetch(rows.front().place));
    if (fetched.letter != nullptr) return std::optional(NamedLetter{std::move(rows.front()), fetched});
  }
  return find_copy(meant);
}

Result<std::optional<NamedLetter>> LetterLookup::find_copy(const std::string& id) {
  const auto kept = std::ranges::find(kept_, id, [](const KeptLetter& one) { return one.place.id; });
  if (kept == kept_.end()) return std::optional<NamedLetter>();
  record_ = kept->record();
  EDDY_ASSIGN(const DeadLetter* const letter, reader_.read(record_));
  const std::int64_t gone_us = kept->gone_us != 0 ? kept->gone_us : SystemClock().now_us();  // it has just been seen
  return std::optional(NamedLetter{row_of_copy(*kept, record_, *letter), {&record_, letter, gone_us}});
}

}  // namespace eddy::host
