// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/retention.h"

#include <vector>

namespace eddy::host::embedded {

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::size_t kChunksAtOnce = 256;
constexpr std::string_view kDoing = "deleting old records";

struct Expired {
  std::int64_t id;
  std::int64_t records;
  std::int64_t bytes;
};

class Sweep {
 public:
  explicit Sweep(Database& database) : database_(database) {}

  Result<void> prepare() {
    EDDY_ASSIGN(select_, database_.prepare("SELECT id, count, length(bytes), last_us FROM chunk WHERE stream = ?1 AND "
                                           "partition = ?2 ORDER BY base LIMIT ?3"));
    EDDY_ASSIGN(delete_, database_.prepare("DELETE FROM chunk WHERE id = ?1"));
    EDDY_ASSIGN(move_, database_.prepare(R"sql(
UPDATE stream_partition SET bytes = bytes - ?3, oldest = coalesce(
  (SELECT min(base) FROM chunk WHERE stream = ?1 AND partition = ?2), next)
WHERE stream = ?1 AND partition = ?2)sql"));
    return {};
  }

  // Up to `limit` chunks from the old end; the first that must stay ends it, so that what is held has no gaps.
  Result<std::vector<Expired>> find(std::uint32_t stream, std::uint32_t partition, std::int64_t older_than_us,
                                    std::size_t limit) {
    const ResetLater reset(select_);
    select_.bind(1, stream);
    select_.bind(2, partition);
    select_.bind(3, static_cast<std::int64_t>(limit));
    std::vector<Expired> expired;
    for (;;) {
      EDDY_ASSIGN(const bool row, select_.step(kDoing));
      if (!row || select_.integer(3) >= older_than_us) return expired;
      expired.push_back({select_.integer(0), select_.integer(1), select_.integer(2)});
    }
  }

  Result<std::uint64_t> remove(std::uint32_t stream, std::uint32_t partition, const std::vector<Expired>& expired) {
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    for (const Expired& chunk : expired) {
      delete_.bind(1, chunk.id);
      EDDY_TRY(delete_.run(kDoing));
      records += chunk.records;
      bytes += chunk.bytes;
    }
    move_.bind(1, stream);
    move_.bind(2, partition);
    move_.bind(3, bytes);
    EDDY_TRY(move_.run(kDoing));
    return static_cast<std::uint64_t>(records);
  }

 private:
  Database& database_;
  Statement select_;
  Statement delete_;
  Statement move_;
};

}  // namespace

Result<std::uint64_t> delete_expired(Database& database, const Stream& stream, std::int64_t now_us) {
  if (stream.retention_days == 0) return std::uint64_t{0};
  const std::int64_t older_than_us = now_us - stream.retention_days * kDayUs;
  Sweep sweep(database);
  EDDY_TRY(sweep.prepare());
  Transaction transaction(database);
  EDDY_TRY(transaction.begin());
  std::uint64_t records = 0;
  std::size_t left = kChunksAtOnce;
  for (std::uint32_t partition = 0; partition < stream.partitions && left > 0; ++partition) {
    EDDY_ASSIGN(const std::vector<Expired> expired, sweep.find(stream.id, partition, older_than_us, left));
    if (expired.empty()) continue;
    left -= expired.size();
    EDDY_ASSIGN(const std::uint64_t removed, sweep.remove(stream.id, partition, expired));
    records += removed;
  }
  EDDY_TRY(transaction.commit());
  return records;
}

}  // namespace eddy::host::embedded
