// SPDX-License-Identifier: Apache-2.0
// Rows into a table through its sink, positions moved with them, beside the database's own client in the same run:
//
//   sqlite     a prepared INSERT for each row, one transaction for each batch, every commit synced
//   postgres   one COPY as text and one transaction for each batch, on a server of its own
//
//   bench_table [ROWS [ROUNDS [CASE]]]
//
// Both begin with an empty table that the sink has made: eight columns, an index on the key. CPU is of the client
// alone. A batch of a feed has up to 10,000 rows.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bare_tables.h"
#include "base/log.h"
#include "base/temporary_folder.h"
#include "bench/turns.h"
#include "table/table_sink.h"

namespace eddy::bench {
namespace {

using namespace host;

const std::vector<Column> kColumns = {{"rows/s", 10, 0, true}, {"CPU s/million", 13, 3, true, true}};

// Stopped when the program ends, however it does.
class Postgres {
 public:
  Postgres() {
    std::string pattern = "/tmp/eddy-postgres-XXXXXX";  // where the user postgres can get to
    folder_ = ::mkdtemp(pattern.data());
    run("start");
    std::ifstream(folder_ + "/url") >> url_;
  }
  ~Postgres() {
    run("stop");
    std::filesystem::remove_all(folder_);
  }
  const std::string& url() const { return url_; }

 private:
  void run(const std::string& verb) {
    const std::string command = EDDY_POSTGRES_SERVER " " + verb + " " + folder_ + " >/dev/null";
    if (std::system(command.c_str()) != 0) std::fprintf(stderr, "bench_table: failed: %s\n", command.c_str());
  }
  std::string folder_, url_;
};

const std::string& postgres() {
  static const Postgres one;
  return one.url();
}

std::unique_ptr<TableSink> open_sink(const std::string& url, const Orders& orders) {
  auto sink = need(open_table(url, {.name = "orders", .model = orders.model()}));
  need(sink->prepare());
  return sink;
}

void write_sink(TableSink& sink, const Orders& orders, std::size_t batch) {
  std::vector<TableRow> rows;
  std::int64_t from = need(sink.position("bench", 0)).next;
  for (std::size_t begin = 0; begin < orders.size(); begin += batch) {
    rows.clear();
    const std::size_t end = std::min(begin + batch, orders.size());
    for (std::size_t i = begin; i < end; ++i) rows.push_back({0, static_cast<std::int64_t>(i), orders.row(i)});
    const FeedRange range{0, from, static_cast<std::int64_t>(end)};
    if (!need(sink.write({"bench", {&range, 1}, rows, {}})).empty()) die("bench_table: rows were refused");
    from = range.next;
  }
}

template <typename Write>
Figures measure(const Orders& orders, Write write) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  write();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto rows = static_cast<double>(orders.size());
  return {rows / took.count(), (cpu_seconds() - cpu) / rows * 1e6};
}

Figures sqlite(const Orders& orders, std::size_t batch, bool bare) {
  const TemporaryFolder folder = need(TemporaryFolder::make());
  const std::string path = folder.path() + "/tables.db";
  auto sink = open_sink("sqlite:" + path, orders);
  if (!bare) return measure(orders, [&] { write_sink(*sink, orders, batch); });
  sink.reset();
  return measure(orders, [&] { write_bare_sqlite(path, orders, batch); });
}

Figures postgres(const Orders& orders, std::size_t batch, bool bare) {
  run_postgres(postgres(), "DROP TABLE IF EXISTS orders, eddy_feeds");
  auto sink = open_sink(postgres(), orders);
  run_postgres(postgres(), "CHECKPOINT");  // of the run before
  if (!bare) return measure(orders, [&] { write_sink(*sink, orders, batch); });
  sink.reset();
  return measure(orders, [&] { write_bare_postgres(postgres(), orders, batch); });
}

std::vector<Turn> make_turns(const Orders& orders) {
  std::vector<Turn> turns;
  const auto add = [&](const std::string& name, auto run) {
    turns.push_back({name + ": bare", {}, [=] { return run(true); }});
    turns.push_back({name + ": eddy", {name + ": bare"}, [=] { return run(false); }});
  };
  for (const std::size_t batch : {1000, 5000}) {
    const std::string size = std::to_string(batch);
    add("sqlite, " + size, [&orders, batch](bool bare) { return sqlite(orders, batch, bare); });
    add("postgres, " + size, [&orders, batch](bool bare) { return postgres(orders, batch, bare); });
  }
  return turns;
}

}  // namespace
}  // namespace eddy::bench

int main(int argc, char** argv) {
  using namespace eddy;
  host::configure_log({.level = "error", .json = false});
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const bench::Orders orders(std::max<std::size_t>(rows, 1000));
  std::vector<bench::Turn> turns = bench::make_turns(orders);
  bench::take_turns(turns, argc > 3 ? argv[3] : "", argc > 2 ? std::max(std::atoi(argv[2]), 1) : 5);
  bench::print(turns, bench::kColumns);
}
