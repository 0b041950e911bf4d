// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <algorithm>

#include "bare_tables.h"
#include "bench/turns.h"

namespace eddy::bench {
namespace {

void need_sqlite(sqlite3* database, int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE) die(std::string("bench_table: ") + sqlite3_errmsg(database));
}

void execute(sqlite3* database, const char* sql) {
  need_sqlite(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
}

void bind(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void insert(sqlite3* database, sqlite3_stmt* statement, const Order& order) {
  bind(statement, 1, order.order_id);
  bind(statement, 2, order.customer);
  bind(statement, 3, order.product);
  bind(statement, 4, order.status);
  sqlite3_bind_int64(statement, 5, order.quantity);
  sqlite3_bind_double(statement, 6, order.price);
  sqlite3_bind_int64(statement, 7, order.gift ? 1 : 0);
  bind(statement, 8, order.placed_at);
  need_sqlite(database, sqlite3_step(statement));
  sqlite3_reset(statement);
}

}  // namespace

void write_bare_sqlite(const std::string& path, const Orders& orders, std::size_t batch) {
  sqlite3* database = nullptr;
  need_sqlite(database, sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
  execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  sqlite3_stmt* statement = nullptr;
  need_sqlite(database, sqlite3_prepare_v3(database, "INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", -1,
                                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  for (std::size_t begin = 0; begin < orders.size(); begin += batch) {
    execute(database, "BEGIN IMMEDIATE");
    const std::size_t end = std::min(begin + batch, orders.size());
    for (std::size_t i = begin; i < end; ++i) insert(database, statement, orders.order(i));
    execute(database, "COMMIT");
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
}

}  // namespace eddy::bench
