// SPDX-License-Identifier: Apache-2.0
#include "table/sqlite_sink.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "model/encoder.h"
#include "table/cell.h"
#include "table/refused.h"
#include "table/sqlite_shape.h"

namespace eddy::host {
namespace {

using table::StatementPtr;

// Undoes what an INSERT has done before it failed. INSERT OR REPLACE takes rows away before it looks at the next index,
// and an error in that one's expression leaves them gone.
constexpr const char* kBeginRow = "SAVEPOINT eddy_row";
constexpr const char* kEndRow = "RELEASE eddy_row";
constexpr const char* kUndoRow = "ROLLBACK TO eddy_row; RELEASE eddy_row";

constexpr std::string_view kPlace = R"(table_name = ?1 AND feed = ?2 AND "partition" = ?3)";

// A row may take several others away.
bool takes_rows_away(const TableSpec& spec, const std::vector<Column>& columns) {
  return spec.on_conflict == OnConflict::kReplace && unique_columns(columns).size() > 1;
}

// The statement that puts a row in. OR ABORT outranks a conflict clause of the table's own, which could drop a row or a
// whole transaction in silence.
std::string insert_sql(const TableSpec& spec, const std::vector<Column>& columns) {
  const auto unique = unique_columns(columns);
  const bool replace = spec.on_conflict == OnConflict::kReplace && !unique.empty();
  std::string sql =
      fmt::format("INSERT OR {} INTO {} ({}) VALUES (", replace && unique.size() > 1 ? "REPLACE" : "ABORT",
                  sqlite_name(spec.name), column_list(columns));
  for (std::size_t i = 1; i <= columns.size(); ++i) sql += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
  sql += ")";
  if (!replace || unique.size() > 1) return sql;
  sql += fmt::format(" ON CONFLICT ({}) DO UPDATE SET ", unique.front()->quoted);
  for (const Column& column : columns) {
    sql += fmt::format("{}{} = excluded.{}", &column == &columns.front() ? "" : ", ", column.quoted, column.quoted);
  }
  return sql;
}

class SqliteSink final : public TableSink {
 public:
  SqliteSink(SqliteTableOptions options, TableSpec spec, std::vector<Column> columns)
      : options_(std::move(options)),
        spec_(std::move(spec)),
        columns_(std::move(columns)),
        guards_rows_(takes_rows_away(spec_, columns_)),
        texts_(columns_.size()),
        description_(fmt::format("sqlite {}, table {}", options_.path, spec_.name)) {}
  ~SqliteSink() override { close(); }

  Result<void> prepare() override;
  Result<void> look() const override;
  Result<FeedPosition> position(std::string_view feed, std::uint32_t partition) override;
  Result<std::vector<Refusal>> write(const RowBatch& batch) override;
  std::string describe() const override { return description_; }

 private:
  void close();
  Result<void> ready() const;
  void bind_place(sqlite3_stmt* statement, std::string_view feed, std::uint32_t partition);
  Result<void> move(std::string_view feed, const FeedRange& range);
  Result<void> store_refusals(const RowBatch& batch, std::span<const Refusal> refused);
  Result<std::vector<Refusal>> insert(std::span<const TableRow> rows);
  std::optional<RowFault> bind(const TableRow& row);
  std::optional<RowFault> bind_cell(std::size_t index, const eddy_value& value);
  std::optional<RowFault> bind_json(std::size_t index, const eddy_value& value);
  Result<void> insert_bound(const TableRow& row, std::vector<Refusal>& refused);
  Result<void> refuse(const TableRow& row, int code, std::vector<Refusal>& refused);
  Result<void> check_refusals();

  const SqliteTableOptions options_;
  const TableSpec spec_;
  const std::vector<Column> columns_;
  const bool guards_rows_;          // each in a savepoint of its own
  std::vector<std::string> texts_;  // what is bound and has no other home, by column
  const std::string description_;

  std::unique_ptr<table::SqliteDatabase> database_;  // null: prepare() has not come through
  StatementPtr insert_, find_, begin_feed_, move_feed_, refuse_;
};

// Statements first: they belong to the connection.
void SqliteSink::close() {
  for (StatementPtr* statement : {&insert_, &find_, &begin_feed_, &move_feed_, &refuse_}) statement->reset();
  database_.reset();
}

Result<void> SqliteSink::prepare() {
  close();
  EDDY_ASSIGN(auto database, table::SqliteDatabase::open(options_.path, description_, options_.busy_ms));
  EDDY_TRY(table::make_table(*database, spec_.name, columns_, description_));
  EDDY_ASSIGN(insert_, database->prepare(insert_sql(spec_, columns_)));
  EDDY_ASSIGN(find_,
              database->prepare(fmt::format("SELECT first, next, refused FROM {} WHERE {}", kFeedsTable, kPlace)));
  EDDY_ASSIGN(begin_feed_,
              database->prepare(
                  fmt::format("INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5, '[]') ON CONFLICT DO NOTHING", kFeedsTable)));
  EDDY_ASSIGN(move_feed_,
              database->prepare(fmt::format(
                  "UPDATE {} SET first = ?4, next = ?5, refused = '[]' WHERE {} AND next = ?4", kFeedsTable, kPlace)));
  EDDY_ASSIGN(refuse_, database->prepare(fmt::format("UPDATE {} SET refused = ?4 WHERE {}", kFeedsTable, kPlace)));
  database_ = std::move(database);
  return {};
}

Result<void> SqliteSink::look() const {
  EDDY_ASSIGN(const auto database, table::SqliteDatabase::open_to_look(options_.path, description_, options_.busy_ms));
  if (database == nullptr) return {};
  EDDY_ASSIGN(const TableShape found, table::read_shape(*database, spec_.name));
  if (found.exists()) EDDY_TRY(compare_shape(columns_, found, Dialect::kSqlite, description_));
  return {};
}

Result<void> SqliteSink::ready() const {
  if (database_ == nullptr) return Error{Code::kUnavailable, description_ + ": not open yet; it is opened again"};
  if (!database_->moved()) return {};
  return Error{Code::kUnavailable,
               description_ + ": the file was moved or deleted while it was open; it is opened, or made, again"};
}

void SqliteSink::bind_place(sqlite3_stmt* statement, std::string_view feed, std::uint32_t partition) {
  table::bind_text(statement, 1, spec_.name);
  table::bind_text(statement, 2, feed);
  sqlite3_bind_int64(statement, 3, partition);
}

Result<FeedPosition> SqliteSink::position(std::string_view feed, std::uint32_t partition) {
  EDDY_TRY(ready());
  bind_place(find_.get(), feed, partition);
  EDDY_ASSIGN(const bool row, database_->step(find_.get(), "reading the feed's position"));
  FeedPosition position;
  if (!row) return position;
  position.from = sqlite3_column_int64(find_.get(), 0);
  position.next = sqlite3_column_int64(find_.get(), 1);
  auto refused = refused_from_json(table::column_text(find_.get(), 2), partition, description_);
  sqlite3_reset(find_.get());
  if (!refused) return refused.take_error();
  position.refused = *std::move(refused);
  return position;
}

Result<std::vector<Refusal>> SqliteSink::write(const RowBatch& batch) {
  EDDY_TRY(ready());
  table::SqliteTransaction transaction(*database_);
  EDDY_TRY(transaction.begin());
  for (const FeedRange& range : batch.ranges) EDDY_TRY(move(batch.feed, range));
  EDDY_ASSIGN(auto refused, insert(batch.rows));
  if (!refused.empty()) EDDY_TRY(check_refusals());
  EDDY_TRY(store_refusals(batch, refused));
  EDDY_TRY(transaction.commit());
  return refused;
}

// Refusals of rows that a changed table cannot take would be about the table; those of a statement that cannot even be
// prepared, as a trigger names what is not there, about whatever that is.
Result<void> SqliteSink::check_refusals() {
  EDDY_TRY(table::check_table(*database_, spec_.name, columns_, description_));
  EDDY_TRY(database_->prepare(sqlite3_sql(insert_.get())));
  return {};
}

Result<void> SqliteSink::move(std::string_view feed, const FeedRange& range) {
  sqlite3_stmt* statement = (range.from < 0 ? begin_feed_ : move_feed_).get();
  bind_place(statement, feed, range.partition);
  sqlite3_bind_int64(statement, 4, range.from);
  sqlite3_bind_int64(statement, 5, range.next);
  EDDY_ASSIGN([[maybe_unused]] const bool row, database_->step(statement, "moving the feed's position"));
  if (database_->changes() == 1) return {};
  return Error{Code::kConflict,
               fmt::format("{}: feed {} is not at {} in partition {}: another host feeds this table too", description_,
                           feed, range.from, range.partition)};
}

Result<void> SqliteSink::store_refusals(const RowBatch& batch, std::span<const Refusal> refused) {
  for (const auto& [partition, refusals] : refusals_by_partition(batch, refused)) {
    const std::string json = refused_to_json(refusals);
    bind_place(refuse_.get(), batch.feed, partition);
    table::bind_text(refuse_.get(), 4, json);
    EDDY_ASSIGN([[maybe_unused]] const bool row, database_->step(refuse_.get(), "storing refusals"));
  }
  return {};
}

Result<std::vector<Refusal>> SqliteSink::insert(std::span<const TableRow> rows) {
  std::vector<Refusal> refused;
  for (const TableRow& row : rows) {
    if (const auto fault = bind(row)) {
      refused.push_back(make_refusal(row, *fault, Dialect::kSqlite));
    } else {
      EDDY_TRY(insert_bound(row, refused));
    }
  }
  return refused;
}

Result<void> SqliteSink::insert_bound(const TableRow& row, std::vector<Refusal>& refused) {
  if (guards_rows_) EDDY_TRY(database_->execute(kBeginRow, "beginning a row"));
  const int code = sqlite3_step(insert_.get());
  if (code != SQLITE_DONE) return refuse(row, code, refused);
  sqlite3_reset(insert_.get());
  if (guards_rows_) EDDY_TRY(database_->execute(kEndRow, "ending a row"));
  return {};
}

Result<void> SqliteSink::refuse(const TableRow& row, int code, std::vector<Refusal>& refused) {
  const std::string_view name = table::row_error_name(code);
  Error error = database_->error("inserting a row");
  std::string message = database_->message();
  sqlite3_reset(insert_.get());
  if (name.empty()) return error;
  if (!database_->in_transaction()) {
    return Error{Code::kConfig, fmt::format("{}: a row was refused ({}) by a trigger that rolls back the whole "
                                            "transaction; let it RAISE(ABORT, …), which refuses the row alone",
                                            description_, message)};
  }
  if (guards_rows_) EDDY_TRY(database_->execute(kUndoRow, "taking a refused row back"));
  refused.push_back({row.partition, row.offset, std::string(name), cut_message(std::move(message))});
  return {};
}

std::optional<RowFault> SqliteSink::bind(const TableRow& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (auto fault = bind_cell(i, row.values[i])) return fault;
  }
  return std::nullopt;
}

std::optional<RowFault> SqliteSink::bind_cell(std::size_t index, const eddy_value& value) {
  const Column& column = columns_[index];
  if (auto fault = check_cell(column, value, Dialect::kSqlite)) return fault;
  sqlite3_stmt* statement = insert_.get();
  const int at = static_cast<int>(index) + 1;
  if (value.kind == EDDY_VALUE_ABSENT && column.nullable) {
    sqlite3_bind_null(statement, at);
    return std::nullopt;
  }
  switch (column.kind) {
    case ColumnKind::kF32:
      sqlite3_bind_double(statement, at, static_cast<double>(static_cast<float>(value.as.f64)));
      return std::nullopt;
    case ColumnKind::kF64:
      sqlite3_bind_double(statement, at, value.as.f64);
      return std::nullopt;
    case ColumnKind::kText:
      table::bind_text(statement, at, {value.as.text, value.count});
      return std::nullopt;
    case ColumnKind::kEnum:
      table::bind_text(statement, at, column.value->symbols[value.as.u64]);
      return std::nullopt;
    case ColumnKind::kTime:
      texts_[index].resize(kRfc3339Size);
      write_rfc3339(texts_[index].data(), value.as.i64);
      table::bind_text(statement, at, texts_[index]);
      return std::nullopt;
    case ColumnKind::kJson:
      return bind_json(index, value);
    default:
      sqlite3_bind_int64(statement, at, value.as.i64);
      return std::nullopt;
  }
}

std::optional<RowFault> SqliteSink::bind_json(std::size_t index, const eddy_value& value) {
  texts_[index].clear();
  if (auto encoded = encode(*columns_[index].value, value, texts_[index]); !encoded) {
    return RowFault{CellFault::kShape, fmt::format("column {}: {}", columns_[index].name, encoded.error().text)};
  }
  table::bind_text(insert_.get(), static_cast<int>(index) + 1, texts_[index]);
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<TableSink>> open_sqlite_table(const SqliteTableOptions& options, const TableSpec& spec) {
  EDDY_ASSIGN(auto columns, make_columns(spec, Dialect::kSqlite));
  return std::unique_ptr<TableSink>(std::make_unique<SqliteSink>(options, spec, std::move(columns)));
}

}  // namespace eddy::host
