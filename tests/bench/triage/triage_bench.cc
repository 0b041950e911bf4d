// SPDX-License-Identifier: Apache-2.0
// The triage index of many letters: how fast it is filled, how large it is, and how long its listings take.
//
//   bench_triage [LETTERS [RUNS [FOLDER [CASE]]]]
//
// Letters are of 10,000 causes (of fewer, where there are fewer than a million letters). A FOLDER is filled once and
// used again, with a CASE the index as well. The CPU of a listing is told beside that of one pass of SQLite over all
// letters of the same file, that of filling beside that of reading the letters alone.
#include <sqlite3.h>

#include <chrono>
#include <filesystem>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "bench/triage/letter_heap.h"
#include "bench/turns.h"
#include "dead_letter/reader.h"
#include "support/manual_clock.h"
#include "triage/triage_index.h"

namespace eddy::bench {
namespace {

using namespace host;

constexpr std::size_t kLettersOfGroup = 100;
const std::string kQueues[] = {kQueue};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What filling cannot do without.
void read_letters(Transport& transport) {
  LetterReader reader;
  const auto browser = need(transport.open_browser(kQueue));
  for (const Position& position : need(transport.positions("", kQueue))) {
    for (std::int64_t next = position.begin; next < position.end;) {
      const auto records = need(browser->read(position.partition, next, 1000));
      if (records.empty()) die("bench_triage: letters have gone");
      for (const Record& record : records) need(reader.read(record));
      next = records.back().offset + 1;
    }
  }
}

void fill(Transport& transport, const std::string& folder, const Clock& clock, std::size_t letters) {
  const auto count = static_cast<double>(letters);
  double cpu = cpu_seconds();
  read_letters(transport);
  const double reading = cpu_seconds() - cpu;
  for (const char* name : {"/triage.db", "/triage.db-wal", "/triage.db-shm"}) std::filesystem::remove(folder + name);
  auto index = need(TriageIndex::open(folder, transport, "bench", clock));
  cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  need(index->catch_up(kQueues));
  const double filling = cpu_seconds() - cpu, took = seconds_since(start);
  index.reset();  // its log is in the file now
  const auto size = static_cast<double>(std::filesystem::file_size(folder + "/triage.db"));
  std::printf("filling: %.0f letters per CPU second (%.2f times the CPU of reading them alone), %.0f letters/s\n",
              count / filling, filling / reading, count / took);
  std::printf("size: %.1f MB, %.0f bytes a letter\n\n", size * 1e-6, size / count);
}

void pass_over_all_rows(const std::string& folder) {
  sqlite3* database = nullptr;
  const bool done =
      sqlite3_open_v2((folder + "/triage.db").c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_exec(database, "SELECT sum(length(error_message)) FROM letter NOT INDEXED", nullptr, nullptr, nullptr) ==
          SQLITE_OK;
  sqlite3_close(database);
  if (!done) die("bench_triage: " + folder + "/triage.db cannot be read");
}

LetterFilter filter(std::initializer_list<std::pair<const char*, std::string>> values) {
  LetterFilterReader reader(kNow);
  for (const auto& [name, value] : values) need(reader.add(name, value));
  return reader.filter();
}

struct Case {
  std::string name;
  std::function<void(TriageIndex&)> run;
};

std::vector<Case> make_cases(TriageIndex& index) {
  const auto groups = [](auto... values) {
    return [filter = filter({values...})](TriageIndex& in) { need(in.groups(kQueue, filter, {})); };
  };
  const auto letters = [](auto... values) {
    return [filter = filter({values...})](TriageIndex& in) { need(in.letters(kQueue, filter, {})); };
  };
  const auto select = [](auto... values) {
    return [filter = filter({values...})](TriageIndex& in) { need(in.select(kQueue, filter)); };
  };
  using Value = std::pair<const char*, std::string>;
  const GroupPage first = need(index.groups(kQueue, {}, {}));
  const Value group{"group", first.groups.front().fingerprint};
  const Value where{"where", "attempts = 1 AND size > 100 AND error_message LIKE '%region 17'"};
  return {{"groups", groups()},
          {"groups, a later page", [first](TriageIndex& in) { need(in.groups(kQueue, {}, {.after = first.next})); }},
          {"groups, type", groups(Value{"type", "orders::cause_1*"})},
          {"groups, since 1h", groups(Value{"since", "1h"})},
          {"groups, since 15d", groups(Value{"since", "15d"})},
          {"groups, until 1h", groups(Value{"until", "1h"})},
          {"groups, 20d to 10d", groups(Value{"since", "20d"}, Value{"until", "10d"})},
          {"groups, since 15d, type", groups(Value{"since", "15d"}, Value{"type", "orders::cause_1*"})},
          {"groups, where of causes", groups(Value{"where", "error_type LIKE '%7' AND plugin_version < '1.1'"})},
          {"groups, where of letters", groups(where)},
          {"groups, where, since 1d", groups(where, Value{"since", "1d"})},
          {"letters", letters()},
          {"letters of a group", letters(group)},
          {"letters, where", letters(where)},
          {"select, a group", select(group)},
          {"select, since 1d", select(Value{"since", "1d"})},
          {"select, all", select()},
          {"queues", [](TriageIndex& in) { need(in.queues()); }}};
}

// In milliseconds, sorted.
struct Times {
  std::vector<double> taken, cpu;
  double median_taken() const { return taken[taken.size() / 2]; }
  double median_cpu() const { return cpu[cpu.size() / 2]; }
};

Times times_of(const std::function<void()>& run, int runs) {
  Times times;
  run();  // pages come into memory
  for (int i = 0; i < runs; ++i) {
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    run();
    times.taken.push_back(seconds_since(start) * 1e3);
    times.cpu.push_back((cpu_seconds() - cpu) * 1e3);
  }
  std::ranges::sort(times.taken);
  std::ranges::sort(times.cpu);
  return times;
}

void print_times(const std::string& name, const Times& times, double pass) {
  std::printf("%-28s %10.1f %10.1f %10.1f %10.3f\n", name.c_str(), times.median_taken(),
              times.taken[times.taken.size() * 95 / 100], times.median_cpu(), times.median_cpu() / pass);
  std::fflush(stdout);
}

void list(TriageIndex& index, const std::string& folder, int runs, const std::string& only) {
  const Times pass = times_of([&] { pass_over_all_rows(folder); }, std::min(runs, 5));
  const double yardstick = pass.median_cpu();
  std::printf("%-28s %10s %10s %10s %10s\n", "listing", "p50 ms", "p95 ms", "p50 CPU ms", "of a pass");
  print_times("bare: a pass over all rows", pass, yardstick);
  for (const Case& one : make_cases(index)) {
    if (one.name.find(only) == std::string::npos) continue;
    print_times(one.name, times_of([&] { one.run(index); }, runs), yardstick);
  }
}

}  // namespace
}  // namespace eddy::bench

int main(int argc, char** argv) {
  using namespace eddy;
  host::configure_log({.level = "error", .json = false});
  const std::size_t letters = std::max<std::size_t>(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000, 1000);
  const std::size_t groups = std::min<std::size_t>(letters / bench::kLettersOfGroup, 10'000);
  const int runs = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 20;
  const auto temporary = bench::need(host::TemporaryFolder::make());
  const std::string folder = argc > 3 ? argv[3] : temporary.path();
  const host::test::ManualClock clock(bench::kNow);
  const auto transport = bench::open_heap(folder, letters, groups);
  if (argc <= 4 || !std::filesystem::exists(folder + "/triage.db")) bench::fill(*transport, folder, clock, letters);
  const auto index = bench::need(host::TriageIndex::open(folder, *transport, "bench", clock));
  bench::list(*index, folder, runs, argc > 4 ? argv[4] : "");
}
