// SPDX-License-Identifier: Apache-2.0
// One database table and the position of every feed into it: rows and positions change together, or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/model.h"

namespace eddy::host {

// What a second row with the value of a unique column does.
enum class OnConflict : std::uint8_t {
  kRefuse,   // it is refused, and becomes a dead letter
  kReplace,  // it takes the place of the first
};

struct TableSpec {
  std::string name;  // as declared; the sink quotes it
  std::shared_ptr<const Model> model;
  OnConflict on_conflict = OnConflict::kRefuse;
};

// A row in the model's field order (fields().size() values), borrowed for the call.
struct TableRow {
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  const eddy_value* values = nullptr;
};

// Why a row is not in the table. `type` is the SQLSTATE or the database's error code ("23505"), `message` its own
// words.
struct Refusal {
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  std::string code;
  std::string message;
  bool operator==(const Refusal&) const = default;
};

// Offsets [from, next) of one partition, which a batch takes from the stream to the table.
struct FeedRange {
  std::uint32_t partition = 0;
  std::int64_t from = 0;  // where the table stands, as position() or the last write() left it
  std::int64_t next = 0;
};

struct RowBatch {
  std::string_view feed;              // stable name of what is written from: its positions are kept under it
  std::span<const FeedRange> ranges;  // one for each partition
  std::span<const TableRow> rows;     // of these ranges, in the order of the stream within a partition
  std::span<const Refusal> refusals;  // of these ranges: records that are no row at all, refused before
};

// Where a feed stands in one partition.
struct FeedPosition {
  std::int64_t next = -1;        // offsets below are settled; -1: nothing was ever written from it
  std::vector<Refusal> refused;  // of the last write's range: settled, and not in the table
  std::int64_t from = -1;        // of the last write's range
};

// Not thread-safe: one for each feeding thread. Errors: kUnavailable, the database is away, try again later (the
// outcome of a write that ends so is not known: ask position()); kConflict, the feed's position is not `from`: somebody
// else feeds this partition, ask position(); kConfig, the table or the rights are not what they must be, with both
// shapes or the grant in the text, and it is worth asking again later as an operator may mend it.
class TableSink {
 public:
  virtual ~TableSink() = default;

  // Connects, creates the table from the model when it is missing, adds columns that are missing (nullable in an
  // existing table), and refuses (kConfig) a table that is anything else. To be called again after any error.
  virtual Result<void> prepare() = 0;

  // On a connection of its own, as far as it can be said without changing or making anything: the error that prepare()
  // would give.
  virtual Result<void> look() const = 0;

  virtual Result<FeedPosition> position(std::string_view feed, std::uint32_t partition) = 0;

  // One transaction: the rows that the database takes, and the feed's positions moved to each range's `next` with the
  // refusals stored beside them. Returns what the database refused. A refused batch is split until the refused rows
  // stand alone; a refusal is about the row, never about the connection, the disk or the rights.
  virtual Result<std::vector<Refusal>> write(const RowBatch& batch) = 0;

  // "sqlite ./data/tables.db, table movies": for messages; never with a password.
  virtual std::string describe() const = 0;
};

// By the scheme of `url`: sqlite:PATH, postgresql://… (or postgres://…), clickhouse://USER:PASSWORD@HOST:8123/DATABASE.
// Does not connect. kConfig when the url or the table's model cannot be served.
Result<std::unique_ptr<TableSink>> open_table(const std::string& url, const TableSpec& spec);

}  // namespace eddy::host
