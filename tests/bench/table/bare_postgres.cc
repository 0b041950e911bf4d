// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "bare_tables.h"
#include "bench/turns.h"

namespace eddy::bench {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

Connection connect(const std::string& url) {
  Connection connection(PQconnectdb(url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) die(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

void expect(PGconn* connection, PGresult* result, ExecStatusType wanted) {
  if (PQresultStatus(result) != wanted) die(std::string("bench_table: ") + PQerrorMessage(connection));
  PQclear(result);
}

// None of these texts has a character that COPY wants escaped.
void append_line(std::string& text, const Order& order) {
  char number[32];
  for (const std::string_view field : {order.order_id, order.customer, order.product, order.status}) {
    text.append(field) += '\t';
  }
  text.append(number, std::to_chars(number, number + sizeof number, order.quantity).ptr) += '\t';
  text.append(number, std::to_chars(number, number + sizeof number, order.price).ptr) += '\t';
  text.append(order.gift ? "t\t" : "f\t").append(order.placed_at) += '\n';
}

}  // namespace

void write_bare_postgres(const std::string& url, const Orders& orders, std::size_t batch) {
  const Connection connection = connect(url);
  PGconn* const to = connection.get();
  std::string text;
  for (std::size_t begin = 0; begin < orders.size(); begin += batch) {
    text.clear();
    const std::size_t end = std::min(begin + batch, orders.size());
    for (std::size_t i = begin; i < end; ++i) append_line(text, orders.order(i));
    expect(to, PQexec(to, "BEGIN"), PGRES_COMMAND_OK);
    expect(to, PQexec(to, "COPY orders FROM STDIN"), PGRES_COPY_IN);
    if (PQputCopyData(to, text.data(), static_cast<int>(text.size())) != 1 || PQputCopyEnd(to, nullptr) != 1) {
      die(PQerrorMessage(to));
    }
    expect(to, PQgetResult(to), PGRES_COMMAND_OK);
    while (PGresult* rest = PQgetResult(to)) PQclear(rest);
    expect(to, PQexec(to, "COMMIT"), PGRES_COMMAND_OK);
  }
}

void run_postgres(const std::string& url, const char* sql) {
  const Connection connection = connect(url);
  expect(connection.get(), PQexec(connection.get(), sql), PGRES_COMMAND_OK);
}

}  // namespace eddy::bench
