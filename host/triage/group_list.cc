// SPDX-License-Identifier: Apache-2.0
#include "triage/group_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>
#include <unordered_map>

#include "dead_letter/text.h"
#include "triage/kind_numbers.h"
#include "triage/samples.h"

namespace eddy::host::triage {

namespace {

constexpr double kMinuteUs = 60e6;
constexpr int kSampleCandidates = 8;  // from each end of time; whole ones are taken first

// A group on its way into a page.
struct Gathered {
  LetterGroup group;
  std::set<std::string> functions;
  std::set<PluginBuild> builds;
  std::vector<std::int64_t> kinds;
  std::uint64_t largest = 0;  // letters of the kind that has given the error
};

constexpr std::string_view kKindColumns =
    "SELECT number, queue, fingerprint, error_type, error_message, source, function, plugin, plugin_version, "
    "plugin_build_id, ";
constexpr int kFirstNumber = 10;  // the column after these

void take_kind(Gathered& gathered, const sqlite::Statement& row, const Numbers& numbers) {
  LetterGroup& group = gathered.group;
  const auto text = [&](int column) { return std::string(row.text(column)); };
  const std::uint64_t all = std::accumulate(numbers.letters.begin(), numbers.letters.end(), std::uint64_t{0});
  if (all > gathered.largest) {
    gathered.largest = all;
    group.error_type = text(3);
    group.error_message = text(4);
    group.source = text(5);
  }
  if (gathered.kinds.empty()) {
    group.queue = text(1);
    group.fingerprint = text(2);
    group.first_us = numbers.first_us;
    group.last_us = numbers.last_us;
  }
  gathered.kinds.push_back(row.integer(0));
  if (!row.text(6).empty()) gathered.functions.insert(text(6));
  if (!row.text(7).empty()) gathered.builds.insert({text(7), text(8), text(9)});
  for (std::size_t i = 0; i < group.letters.size(); ++i) group.letters[i] += numbers.letters[i];
  group.refailures += numbers.refailures;
  group.recoveries += numbers.recoveries;
  group.recovery_us += numbers.recovery_us;
  group.first_us = std::min(group.first_us, numbers.first_us);
  group.last_us = std::max(group.last_us, numbers.last_us);
}

// `counted`: numbers in place of the kinds' own; null: there is nothing but kinds in the filter.
Result<std::vector<Gathered>> gather(sqlite::Database& reader, const LetterQuery& query, const NumbersByKind* counted) {
  EDDY_ASSIGN(auto rows, reader.prepare(std::string(kKindColumns) + kNumberColumns + " FROM kind" + query.where()));
  query.bind(rows);
  std::unordered_map<std::string, std::size_t> places;
  std::vector<Gathered> groups;
  std::string key;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("listing causes"));
    if (!row) return groups;
    Numbers numbers;
    if (counted != nullptr) {
      const auto found = counted->find(rows.integer(0));
      if (found == counted->end()) continue;
      numbers = found->second;
    } else {
      numbers = numbers_of(rows, kFirstNumber);
      if (numbers.empty()) continue;
    }
    key.assign(rows.text(1)).append(1, '\0').append(rows.text(2));
    const auto [place, added] = places.try_emplace(key, groups.size());
    if (added) groups.emplace_back();
    take_kind(groups[place->second], rows, numbers);
  }
}

Result<std::vector<Gathered>> gather(const Lister& lister, const std::string& queue, const LetterFilter& filter) {
  const LetterQuery kinds = LetterQuery::of_kinds(queue, filter);
  if (!narrows(filter)) return gather(lister.reader, kinds, nullptr);
  EDDY_ASSIGN(const NumbersByKind counted, count_letters(lister, queue, filter));
  return gather(lister.reader, kinds, &counted);
}

// The place in the order of a listing: most letters first.
struct Rank {
  std::uint64_t count = 0;
  std::string_view queue, fingerprint;
};
Rank rank_of(const LetterGroup& group) { return {group.count, group.queue, group.fingerprint}; }
bool before(const Rank& a, const Rank& b) {
  return std::tie(b.count, a.queue, a.fingerprint) < std::tie(a.count, b.queue, b.fingerprint);
}

Result<Rank> parse_rank(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
  const auto count = parse_integer<std::uint64_t>(text.substr(0, first));
  if (second == std::string_view::npos || !count)
    return Error{Code::kUsage, fmt::format("after '{}': expected `next` of the page before", text)};
  return Rank{*count, text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

// Ids of the kinds' letters from one end of time, whole ones first.
Result<std::vector<std::string>> ends_of(sqlite::Database& reader, const std::vector<std::int64_t>& kinds,
                                         std::string_view direction, std::size_t most) {
  EDDY_ASSIGN(auto rows, reader.prepare(fmt::format("SELECT id, failed_us, truncated FROM letter WHERE kind = ?1 "
                                                    "ORDER BY failed_us {} LIMIT {}",
                                                    direction, kSampleCandidates)));
  const std::int64_t sign = direction == "DESC" ? -1 : 1;
  std::vector<std::tuple<bool, std::int64_t, std::string>> found;
  for (const std::int64_t kind : kinds) {
    rows.bind(1, kind);
    for (;;) {
      EDDY_ASSIGN(const bool row, rows.step("choosing samples"));
      if (!row) break;
      found.emplace_back(rows.integer(2) != 0, sign * rows.integer(1), rows.text(0));
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (auto& [truncated, time, id] : found) {
    if (ids.size() < most) ids.push_back(std::move(id));
  }
  return ids;
}

Result<void> fill_slots(sqlite::Statement& rows, const Gathered& gathered, std::int64_t now, LetterGroup& group) {
  for (const std::int64_t kind : gathered.kinds) {
    rows.bind(1, kind);
    rows.bind(2, now - static_cast<std::int64_t>(LetterGroup::kSlots));
    for (;;) {
      EDDY_ASSIGN(const bool row, rows.step("listing letters by time"));
      if (!row) break;
      const std::int64_t ago = now - rows.integer(0);
      if (ago < 0) continue;  // a clock that is ahead of ours
      group.slots[LetterGroup::kSlots - 1 - static_cast<std::size_t>(ago)] +=
          static_cast<std::uint32_t>(rows.integer(1));
    }
  }
  return {};
}

// Those that are kept; where these are too few, as letters are too large to be kept, others beside them.
Result<void> fill_samples(sqlite::Database& reader, sqlite::Statement& kept, const std::vector<std::int64_t>& kinds,
                          LetterGroup& group) {
  const auto add = [&](const std::string& id) {
    const bool known = std::find(group.samples.begin(), group.samples.end(), id) != group.samples.end();
    if (!known && group.samples.size() < kSamplesOfGroup) group.samples.push_back(id);
  };
  kept.bind(1, std::string_view(group.queue));
  kept.bind(2, std::string_view(group.fingerprint));
  for (;;) {
    EDDY_ASSIGN(const bool row, kept.step("listing samples"));
    if (!row) break;
    add(std::string(kept.text(0)));
  }
  if (group.samples.size() == kSamplesOfGroup) return {};
  EDDY_ASSIGN(const auto oldest, ends_of(reader, kinds, "ASC", kSamplesOfGroup - 1));
  std::ranges::for_each(oldest, add);
  EDDY_ASSIGN(const auto newest, ends_of(reader, kinds, "DESC", 1));
  std::ranges::for_each(newest, add);
  return {};
}

// What only groups of the page need.
Result<void> complete(sqlite::Database& reader, std::vector<Gathered>& page, std::int64_t now_us,
                      std::vector<LetterGroup>& into) {
  EDDY_ASSIGN(auto kept, reader.prepare("SELECT id FROM sample WHERE queue = ?1 AND fingerprint = ?2 "
                                        "ORDER BY failed_us, id"));
  EDDY_ASSIGN(auto slots, reader.prepare("SELECT slot, letters FROM slot WHERE kind = ?1 AND slot > ?2"));
  for (Gathered& gathered : page) {
    LetterGroup& group = gathered.group;
    group.functions.assign(gathered.functions.begin(), gathered.functions.end());
    group.builds.assign(gathered.builds.begin(), gathered.builds.end());
    EDDY_TRY(fill_slots(slots, gathered, now_us / LetterGroup::kSlotUs, group));
    const auto lately =
        static_cast<double>(group.slots[LetterGroup::kSlots - 1] + group.slots[LetterGroup::kSlots - 2]);
    group.per_minute = lately * kMinuteUs / static_cast<double>(LetterGroup::kSlotUs + now_us % LetterGroup::kSlotUs);
    EDDY_TRY(fill_samples(reader, kept, gathered.kinds, group));
    into.push_back(std::move(group));
  }
  return {};
}

}  // namespace

Result<GroupPage> list_groups(const Lister& lister, const std::string& queue, const LetterFilter& filter,
                              const Page& page, std::int64_t now_us) {
  EDDY_ASSIGN(auto groups, gather(lister, queue, filter));
  for (Gathered& gathered : groups) {
    for (std::size_t i = 0; i < filter.states.size(); ++i) {
      if (filter.states.test(i)) gathered.group.count += gathered.group.letters[i];
    }
  }
  std::erase_if(groups, [](const Gathered& gathered) { return gathered.group.count == 0; });
  GroupPage listed;
  listed.total = groups.size();
  if (!page.after.empty()) {
    EDDY_ASSIGN(const Rank after, parse_rank(page.after));
    std::erase_if(groups, [&](const Gathered& gathered) { return !before(after, rank_of(gathered.group)); });
  }
  const std::size_t shown = std::min(page.limit, groups.size());
  std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(shown), groups.end(),
                    [](const Gathered& a, const Gathered& b) { return before(rank_of(a.group), rank_of(b.group)); });
  const bool more = shown < groups.size();
  groups.resize(shown);
  if (more && shown != 0) {
    const LetterGroup& last = groups.back().group;
    listed.next = fmt::format("{}/{}/{}", last.count, last.queue, last.fingerprint);
  }
  EDDY_TRY(complete(lister.reader, groups, now_us, listed.groups));
  return listed;
}

Result<std::vector<QueueSummary>> list_queues(sqlite::Database& reader) {
  EDDY_ASSIGN(auto rows,
              reader.prepare("SELECT s.queue, coalesce(sum(k.open), 0), coalesce(sum(k.recovered), 0), "
                             "coalesce(sum(k.redriven), 0), coalesce(sum(k.discarded), 0), coalesce(sum(k.parked), 0), "
                             "count(DISTINCT CASE WHEN k.last_us IS NOT NULL THEN k.fingerprint END), "
                             "coalesce(min(k.first_us), 0), coalesce(max(k.last_us), 0), "
                             "coalesce((SELECT min((SELECT failed_us FROM letter l WHERE l.stream = o.number AND "
                             "l.state = 0 ORDER BY failed_us LIMIT 1)) FROM stream o WHERE o.queue = s.queue), 0) "
                             "FROM stream s LEFT JOIN kind k ON k.queue = s.queue WHERE s.queue <> '' AND s.parked = 0 "
                             "GROUP BY s.queue ORDER BY s.queue"));
  std::vector<QueueSummary> queues;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("listing queues"));
    if (!row) return queues;
    QueueSummary& queue = queues.emplace_back();
    queue.queue = rows.text(0);
    for (int i = 0; i < 5; ++i)
      queue.letters[static_cast<std::size_t>(i)] = static_cast<std::uint64_t>(rows.integer(1 + i));
    queue.groups = static_cast<std::uint64_t>(rows.integer(6));
    queue.first_us = rows.integer(7);
    queue.last_us = rows.integer(8);
    queue.oldest_open_us = rows.integer(9);
  }
}

}  // namespace eddy::host::triage
