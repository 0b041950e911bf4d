// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/catalog.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/embedded/schema.h"
#include "stream/progress.h"

namespace eddy::host::embedded {

namespace {

constexpr std::uint32_t kMaxPartitions = 10'000;
constexpr std::size_t kNamesInText = 20;

constexpr const char* kSelectInfos = R"sql(
SELECT s.name, s.partitions, s.retention_days, sum(p.next - p.oldest), sum(p.bytes)
FROM stream s JOIN stream_partition p ON p.stream = s.id GROUP BY s.id ORDER BY s.name)sql";

constexpr const char* kSelectPositions = R"sql(
SELECT p.partition, p.oldest, p.next, coalesce(g.committed, p.oldest), coalesce(g.state, '')
FROM stream_partition p
LEFT JOIN position g ON g.consumer = ?1 AND g.stream = p.stream AND g.partition = p.partition
WHERE p.stream = ?2 ORDER BY p.partition)sql";

std::string known_names(const std::map<std::uint32_t, Stream>& streams) {
  if (streams.empty()) return "there are none yet";
  std::string text = "there are ";
  std::size_t named = 0;
  for (const auto& [id, stream] : streams) {
    if (named == kNamesInText) return text + fmt::format(" and {} more", streams.size() - named);
    text += (named++ > 0 ? ", '" : "'") + stream.name + "'";
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& data_dir, WakeFile& wake) {
  EDDY_ASSIGN(auto database, connect(data_dir));
  std::unique_ptr<Catalog> catalog(new Catalog(std::move(database), wake));
  EDDY_TRY(catalog->prepare());
  return catalog;
}

Result<void> Catalog::prepare() {
  EDDY_ASSIGN(select_streams_, database_->prepare("SELECT id, name, partitions, retention_days FROM stream"));
  EDDY_ASSIGN(select_infos_, database_->prepare(kSelectInfos));
  EDDY_ASSIGN(select_positions_, database_->prepare(kSelectPositions));
  return refresh(true);
}

Result<void> Catalog::refresh(bool force) const {
  const std::uint32_t now = wake_.value(WakeFile::kCatalog);
  if (loaded_ && !force && now == seen_) return {};
  std::map<std::uint32_t, Stream> streams;
  const ResetLater reset(select_streams_);
  for (;;) {
    EDDY_ASSIGN(const bool row, select_streams_.step("reading the streams"));
    if (!row) break;
    const auto id = static_cast<std::uint32_t>(select_streams_.integer(0));
    streams[id] =
        Stream{id, std::string(select_streams_.text(1)), static_cast<std::uint32_t>(select_streams_.integer(2)),
               static_cast<std::uint32_t>(select_streams_.integer(3))};
  }
  streams_ = std::move(streams);
  seen_ = now;
  loaded_ = true;
  return {};
}

Result<Stream> Catalog::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto named = [&](const auto& entry) { return entry.second.name == name; };
  // Asked again when it is not there: who made it may have died before it could tell.
  for (const bool force : {false, true}) {
    EDDY_TRY(refresh(force));
    const auto found = std::ranges::find_if(streams_, named);
    if (found != streams_.end()) return found->second;
  }
  return Error{Code::kBadData,
               fmt::format("{}: there is no stream '{}': {}", database_->path(), name, known_names(streams_))};
}

Result<Stream> Catalog::find(StreamId id) const {
  const std::lock_guard lock(mutex_);
  EDDY_TRY(refresh(false));
  const auto found = streams_.find(static_cast<std::uint32_t>(id));
  if (found != streams_.end()) return found->second;
  return Error{Code::kInternal, fmt::format("{}: there is no stream with id {}; ids are given by ensure_stream and "
                                            "find_stream",
                                            database_->path(), static_cast<std::uint32_t>(id))};
}

Result<std::vector<Stream>> Catalog::streams() const {
  const std::lock_guard lock(mutex_);
  EDDY_TRY(refresh(true));
  std::vector<Stream> all;
  for (const auto& [id, stream] : streams_) all.push_back(stream);
  return all;
}

Result<std::vector<StreamInfo>> Catalog::list() const {
  const std::lock_guard lock(mutex_);
  const ResetLater reset(select_infos_);
  std::vector<StreamInfo> infos;
  for (;;) {
    EDDY_ASSIGN(const bool row, select_infos_.step("listing the streams"));
    if (!row) return infos;
    StreamInfo& info = infos.emplace_back();
    info.name = select_infos_.text(0);
    info.partitions = static_cast<std::uint32_t>(select_infos_.integer(1));
    info.retention_days = static_cast<std::uint32_t>(select_infos_.integer(2));
    info.records = static_cast<std::uint64_t>(select_infos_.integer(3));
    info.bytes = static_cast<std::uint64_t>(select_infos_.integer(4));
  }
}

Result<std::vector<Position>> Catalog::positions(std::string_view group, std::string_view stream) const {
  EDDY_ASSIGN(const Stream source, find(stream));
  const std::lock_guard lock(mutex_);
  const ResetLater reset(select_positions_);
  select_positions_.bind(1, group);
  select_positions_.bind(2, source.id);
  std::vector<Position> positions;
  for (;;) {
    EDDY_ASSIGN(const bool row, select_positions_.step("reading the positions"));
    if (!row) return positions;
    Position& position = positions.emplace_back();
    position.partition = static_cast<std::uint32_t>(select_positions_.integer(0));
    position.begin = select_positions_.integer(1);
    position.end = select_positions_.integer(2);
    EDDY_ASSIGN(Progress progress, Progress::decode(select_positions_.integer(3), select_positions_.text(4)));
    progress.skip_to(position.begin, true);
    position.committed = progress.committed();
    position.held = static_cast<std::uint32_t>(progress.held().size());
    position.tally = progress.tally();
  }
}

std::string Catalog::describe(std::uint32_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(id);
  const std::string name = found == streams_.end() ? fmt::format("with id {}", id) : "'" + found->second.name + "'";
  return fmt::format("stream {} in {}", name, database_->path());
}

Result<bool> ensure_stream(Database& database, const StreamSpec& spec) {
  if (spec.name.empty()) return Error{Code::kBadData, "a stream needs a name; it is empty"};
  if (spec.partitions == 0 || spec.partitions > kMaxPartitions) {
    return Error{Code::kBadData, fmt::format("stream '{}': {} partitions wanted; expected 1 to {}", spec.name,
                                             spec.partitions, kMaxPartitions)};
  }
  constexpr std::string_view kDoing = "creating a stream";
  EDDY_ASSIGN(Statement upsert, database.prepare(R"sql(
INSERT INTO stream(name, partitions, retention_days) VALUES(?1, ?2, ?3)
ON CONFLICT(name) DO UPDATE SET partitions = max(partitions, excluded.partitions), retention_days = excluded.retention_days
WHERE partitions < excluded.partitions OR retention_days <> excluded.retention_days)sql"));
  EDDY_ASSIGN(Statement fill, database.prepare(R"sql(
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?2)
INSERT OR IGNORE INTO stream_partition SELECT id, n, 0, 0, 0 FROM stream, number WHERE name = ?1)sql"));

  Transaction transaction(database);
  EDDY_TRY(transaction.begin());
  upsert.bind(1, spec.name);
  upsert.bind(2, spec.partitions);
  upsert.bind(3, spec.retention_days);
  EDDY_TRY(upsert.run(kDoing));
  if (database.changes() == 0) return false;
  fill.bind(1, spec.name);
  fill.bind(2, spec.partitions);
  EDDY_TRY(fill.run(kDoing));
  EDDY_TRY(transaction.commit());
  return true;
}

}  // namespace eddy::host::embedded
