// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "base/temporary_folder.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::Not;

// The value of one series, written as in the exposition; -1 when there is none.
double value(const std::string& scrape, const std::string& series) {
  std::istringstream lines(scrape);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return -1;
}

Gauges example_gauges() {
  return {.queues = {{"MovieDLQ", 7, 12.5}},
          .lags = {{"score", "movies", 3, 42}},
          .plugins = {{"movies", "1.2.0", "abc", "running"}, {"broken", "", "", "refused"}},
          .policies = {{"score", 2, 3, 5}, {"copy"}}};
}

TEST(Metrics, SeriesStartAtZeroWithTheirWorker) {
  Metrics metrics("0.1.0", "deadbeef");
  metrics.worker({.function = "score", .queue = "MovieDLQ", .recovers = ""});
  metrics.worker({.function = "fix", .queue = "MovieDLQ", .recovers = "MovieDLQ"});
  const std::string scrape = metrics.scrape();
  for (const char* series :
       {R"(eddy_records_total{function="score",outcome="delivered"})",
        R"(eddy_records_total{function="score",outcome="filtered"})",
        R"(eddy_records_total{function="score",outcome="dead_lettered"})",
        R"(eddy_call_faults_total{function="score",kind="exception"})",
        R"(eddy_call_faults_total{function="score",kind="killed"})", R"(eddy_call_seconds_count{function="score"})",
        R"(eddy_call_seconds_bucket{function="score",le="+Inf"})",
        R"(eddy_dead_letters_total{queue="MovieDLQ",function="score",source="transform",error_type="ValidationError"})",
        R"(eddy_retries_total{function="score",mode="in_place"})",
        R"(eddy_retries_total{function="fix",mode="stream"})",
        R"(eddy_dead_letters_dropped_total{queue="MovieDLQ",function="score",reason="sample"})",
        R"(eddy_dead_letters_dropped_total{queue="MovieDLQ",function="fix",reason="cap"})",
        R"(eddy_dead_letter_write_failures_total{queue="MovieDLQ"})",
        R"(eddy_recoveries_total{queue="MovieDLQ",outcome="recovered"})",
        R"(eddy_recoveries_total{queue="MovieDLQ",outcome="failed"})",
        R"(eddy_recovery_success_ratio{queue="MovieDLQ"})", R"(eddy_recovery_seconds_sum{queue="MovieDLQ"})"}) {
    EXPECT_EQ(value(scrape, series), 0) << series << "\n" << scrape;
  }
  EXPECT_EQ(value(scrape, R"(eddy_build_info{version="0.1.0",revision="deadbeef"})"), 1);
}

TEST(Metrics, RecoveriesHaveBoundsOfTheirOwn) {
  Metrics metrics("v", "r");
  const auto worker = metrics.worker({.function = "fix", .queue = "Q", .recovers = "Q"});
  worker->recovery_seconds.observe(5400);
  worker->call_seconds.observe(0.2);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_recovery_seconds_bucket{queue="Q",le="3600"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_recovery_seconds_bucket{queue="Q",le="21600"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_recovery_seconds_bucket{queue="Q",le="2592000"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_recovery_seconds_sum{queue="Q"})"), 5400);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="fix",le="0.25"})"), 1);
  EXPECT_THAT(scrape, testing::Not(testing::HasSubstr(R"(eddy_recovery_seconds_bucket{queue="Q",le="1e-06"})")));
}

TEST(Metrics, AFeedIsATableAndNoFunction) {
  Metrics metrics("v", "r");
  const auto feed = metrics.worker({"table.films.movies", "FilmDLQ", "table", "", "films"});
  const auto other = metrics.worker({"table.films.more", "FilmDLQ", "table", "", "films"});
  feed->outcomes[0].add(7);
  other->outcomes[0].add(2);
  feed->outcomes[2].add(3);
  feed->dead_letter("TableError", 3);
  feed->call_seconds.observe(0.2);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_table_rows_total{table="films",result="written"})"), 9);
  EXPECT_EQ(value(scrape, R"(eddy_table_rows_total{table="films",result="skipped"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_table_rows_total{table="films",result="refused"})"), 3);
  EXPECT_EQ(value(scrape, R"(eddy_table_write_seconds_count{table="films"})"), 1);
  EXPECT_EQ(
      value(
          scrape,
          R"(eddy_dead_letters_total{queue="FilmDLQ",function="table.films.movies",source="table",error_type="TableError"})"),
      3);
  EXPECT_THAT(scrape, Not(HasSubstr("eddy_records_total")));
}

TEST(Metrics, LettersOfAnApiAreThoseOfNoFunction) {
  Metrics metrics("v", "r");
  const Metrics::WorkerLabels labels{.function = "", .queue = "MovieDLQ", .source = std::string(kApiSource)};
  const std::string series =
      R"(eddy_dead_letters_total{queue="MovieDLQ",function="",source="api",error_type="ValidationError"})";
  metrics.worker(labels);
  EXPECT_EQ(value(metrics.scrape(), series), 0);
  for (int reload = 1; reload <= 2; ++reload) {
    const auto letters = metrics.worker(labels);
    letters->dead_letter("ValidationError", 3);
    letters->write_failures.add();
    EXPECT_EQ(value(metrics.scrape(), series), 3 * reload);
  }
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_dead_letter_write_failures_total{queue="MovieDLQ"})"), 2);
  EXPECT_THAT(scrape, Not(HasSubstr("eddy_records_total")));
  EXPECT_THAT(scrape, Not(HasSubstr("eddy_dead_letters_dropped_total"))) << "an API keeps all";
  EXPECT_TRUE(metrics.processed().empty());
}

TEST(Metrics, AnApiCountsOnWhenItComesBack) {
  Metrics metrics("v", "r");
  metrics.api("movies/2");
  EXPECT_EQ(value(metrics.scrape(), R"(eddy_ingest_requests_total{api="movies/2",code="200"})"), 0);
  for (int i = 0; i < 2; ++i) {
    const auto api = metrics.api("movies/2");
    api->request(207);
    api->records[static_cast<std::size_t>(Ingested::kAccepted)].add(9);
    api->records[static_cast<std::size_t>(Ingested::kDeadLettered)].add(1);
    api->seconds.observe(0.001);
  }
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_ingest_requests_total{api="movies/2",code="207"})"), 2);
  EXPECT_EQ(value(scrape, R"(eddy_ingest_records_total{api="movies/2",result="accepted"})"), 18);
  EXPECT_EQ(value(scrape, R"(eddy_ingest_records_total{api="movies/2",result="dead_lettered"})"), 2);
  EXPECT_EQ(value(scrape, R"(eddy_ingest_seconds_count{api="movies/2"})"), 2);
}

TEST(Metrics, WorkersOfOneFunctionAreSummed) {
  Metrics metrics("v", "r");
  const auto one = metrics.worker({.function = "f", .queue = "q", .recovers = ""});
  const auto two = metrics.worker({.function = "f", .queue = "q", .recovers = ""});
  const auto other_queue = metrics.worker({.function = "f", .queue = "p", .recovers = ""});
  one->outcomes[0].add(3);
  two->outcomes[0].add(4);
  other_queue->outcomes[0].add(5);
  one->dead_letter("E");
  two->dead_letter("E", 2);
  other_queue->dead_letter("E", 8);
  one->faults[1].add();
  two->faults[1].add();
  two->write_failures.add(6);
  one->retries[1].add(2);
  two->retries[1].add(3);
  one->dropped[0].add(4);
  two->dropped[0].add(5);
  other_queue->dropped[1].add(6);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_records_total{function="f",outcome="delivered"})"), 12);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letters_total{queue="q",function="f",source="transform",error_type="E"})"), 3);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letters_total{queue="p",function="f",source="transform",error_type="E"})"), 8);
  EXPECT_EQ(value(scrape, R"(eddy_call_faults_total{function="f",kind="signal"})"), 2);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letter_write_failures_total{queue="q"})"), 6);
  EXPECT_EQ(value(scrape, R"(eddy_retries_total{function="f",mode="stream"})"), 5);
  EXPECT_EQ(value(scrape, R"(eddy_retries_total{function="f",mode="in_place"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letters_dropped_total{queue="q",function="f",reason="sample"})"), 9);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letters_dropped_total{queue="p",function="f",reason="cap"})"), 6);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letter_write_failures_total{queue="p"})"), 0);
}

TEST(Metrics, CountersOutliveTheirWorker) {
  Metrics metrics("v", "r");
  const Metrics::WorkerLabels labels{.function = "f", .queue = "q", .recovers = "q"};
  const std::string series = R"(eddy_records_total{function="f",outcome="delivered"})";
  for (int reload = 1; reload <= 3; ++reload) {
    auto worker = metrics.worker(labels);
    worker->outcomes[0].add(10);
    worker->dead_letter("E");
    worker->call_seconds.observe(0.2);
    worker->retries[0].add(2);
    worker.reset();
    const std::string scrape = metrics.scrape();
    EXPECT_EQ(value(scrape, series), 10 * reload);
    EXPECT_EQ(value(scrape, R"(eddy_retries_total{function="f",mode="in_place"})"), 2 * reload);
    EXPECT_EQ(value(scrape, R"(eddy_dead_letters_total{queue="q",function="f",source="transform",error_type="E"})"),
              reload);
    EXPECT_EQ(value(scrape, R"(eddy_call_seconds_count{function="f"})"), reload);
  }
}

TEST(Metrics, HistogramsAreCumulative) {
  Metrics metrics("v", "r");
  const auto worker = metrics.worker({.function = "f", .queue = "q", .recovers = ""});
  worker->call_seconds.observe(2e-6);
  worker->call_seconds.observe(0.3, 2);
  worker->call_seconds.observe(60);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="1e-06"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="2.5e-06"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="0.25"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="0.5"})"), 3);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="10"})"), 3);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_bucket{function="f",le="+Inf"})"), 4);
  EXPECT_EQ(value(scrape, R"(eddy_call_seconds_count{function="f"})"), 4);
  EXPECT_NEAR(value(scrape, R"(eddy_call_seconds_sum{function="f"})"), 60.600002, 1e-6);
}

TEST(Metrics, RecoveryRatioIsOverAllOutcomes) {
  Metrics metrics("v", "r");
  const auto a = metrics.worker({.function = "a", .queue = "q", .recovers = "q"});
  const auto b = metrics.worker({.function = "b", .queue = "q", .recovers = "q"});
  a->recoveries[0].add(3);
  b->recoveries[1].add(4);
  b->recoveries[2].add(5);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_recovery_success_ratio{queue="q"})"), 0.25);
  EXPECT_EQ(value(scrape, R"(eddy_recoveries_total{queue="q",outcome="skipped"})"), 4);
}

TEST(Metrics, ErrorTypesAreBoundedOverTheProcess) {
  Metrics metrics("v", "r");
  const auto a = metrics.worker({.function = "a", .queue = "q", .recovers = ""});
  const auto b = metrics.worker({.function = "b", .queue = "q", .recovers = ""});
  for (int i = 0; i < 40; ++i) a->dead_letter("a" + std::to_string(i));
  (void)metrics.scrape();
  for (int i = 0; i < 40; ++i) b->dead_letter("b" + std::to_string(i), 2);
  const std::string scrape = metrics.scrape();
  const std::string of_a = R"(eddy_dead_letters_total{queue="q",function="a",source="transform",error_type=")";
  const std::string of_b = R"(eddy_dead_letters_total{queue="q",function="b",source="transform",error_type=")";
  EXPECT_EQ(value(scrape, of_a + "a39\"}"), 1);
  // 50 less the host's own 6 and these 40 leave 4 names.
  EXPECT_EQ(value(scrape, of_b + "b0\"}"), 2);
  EXPECT_EQ(value(scrape, of_b + "other\"}"), 72);
  EXPECT_EQ(value(scrape, of_b + "b9\"}"), -1);
  EXPECT_EQ(value(metrics.scrape(), of_a + "a39\"}"), 1) << "a name that was given stays";
}

std::size_t series(const std::string& scrape) {
  std::istringstream lines(scrape);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line.starts_with("#") ? 0 : 1;
  return count;
}

TEST(Metrics, NamesThatComeAndGoDoNotAddUp) {
  Metrics metrics("v", "r");
  const auto come = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string n = std::to_string(i);
      metrics.worker({.function = "f" + n, .queue = "q" + n, .recovers = "q" + n})->outcomes[0].add();
      metrics.worker({.function = "t" + n, .queue = "q" + n, .source = "table", .table = "t" + n});
      metrics.api("a" + n)->request(200);
      metrics.plugin_load("p" + n, "refused");
    }
  };
  come(0, 1500);
  const std::size_t bound = series(metrics.scrape());
  come(1500, 4000);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(series(scrape), bound);
  EXPECT_EQ(value(scrape, R"(eddy_records_total{function="f0",outcome="delivered"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_records_total{function="other",outcome="delivered"})"), 4000 - 500);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_loads_total{plugin="other",result="refused"})"), 4000 - kMostPlugins);
  EXPECT_EQ(value(scrape, R"(eddy_ingest_requests_total{api="other",code="200"})"), 4000 - kMostNames);
}

TEST(Metrics, PluginsBeyondTheBoundShareTheirStates) {
  Metrics metrics("v", "r");
  Gauges gauges;
  for (int i = 0; i < 1000; ++i) gauges.plugins.push_back({"p" + std::to_string(i), "1", "b", "refused"});
  gauges.plugins.push_back({"late", "1", "b", "running"});
  metrics.set_gauges([&] { return gauges; });
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="p0",state="refused"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="p999",state="refused"})"), -1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="other",state="refused"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="other",state="running"})"), 1);
}

TEST(Metrics, OfTheProcess) {
  Metrics metrics("v", "r");
  const std::string scrape = metrics.scrape();
  EXPECT_GT(value(scrape, "process_start_time_seconds"), 1.6e9);
  EXPECT_GT(value(scrape, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(value(scrape, "process_open_fds"), 2);
  EXPECT_GE(value(scrape, "process_max_fds"), value(scrape, "process_open_fds"));
  EXPECT_GE(value(scrape, "process_cpu_seconds_total"), 0);
}

TEST(Metrics, ReadyIsWhatTheHostSays) {
  Metrics metrics("v", "r");
  EXPECT_EQ(value(metrics.scrape(), "eddy_ready"), 1);
  metrics.set_gauges([] {
    Gauges gauges;
    gauges.ready = false;
    return gauges;
  });
  EXPECT_EQ(value(metrics.scrape(), "eddy_ready"), 0);
}

TEST(Metrics, GaugesAreAskedForAtScrape) {
  Metrics metrics("v", "r");
  Gauges gauges = example_gauges();
  metrics.set_gauges([&] {
    metrics.plugin_load("movies", "loaded");  // may call back
    return gauges;
  });
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_dead_letter_queue_depth{queue="MovieDLQ"})"), 7);
  EXPECT_EQ(value(scrape, R"(eddy_dead_letter_oldest_seconds{queue="MovieDLQ"})"), 12.5);
  EXPECT_EQ(value(scrape, R"(eddy_consumer_lag{function="score",stream="movies",partition="3"})"), 42);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_info{plugin="movies",version="1.2.0",build_id="abc"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="movies",state="running"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="movies",state="refused"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_state{plugin="broken",state="refused"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_breaker_state{function="score"})"), 2);
  EXPECT_EQ(value(scrape, R"(eddy_breaker_state{function="copy"})"), 0);
  EXPECT_EQ(value(scrape, R"(eddy_retry_backlog{function="score",mode="in_place"})"), 3);
  EXPECT_EQ(value(scrape, R"(eddy_retry_backlog{function="score",mode="stream"})"), 5);
  EXPECT_EQ(value(scrape, R"(eddy_retry_backlog{function="copy",mode="stream"})"), 0);
  gauges.queues[0].depth = 0;
  EXPECT_EQ(value(metrics.scrape(), R"(eddy_dead_letter_queue_depth{queue="MovieDLQ"})"), 0);
}

TEST(Metrics, PluginLoadsAreCountedByResult) {
  Metrics metrics("v", "r");
  metrics.plugin_load("movies", "loaded");
  metrics.plugin_load("movies", "loaded");
  metrics.plugin_load("movies", "refused");
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(value(scrape, R"(eddy_plugin_loads_total{plugin="movies",result="loaded"})"), 2);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_loads_total{plugin="movies",result="refused"})"), 1);
  EXPECT_EQ(value(scrape, R"(eddy_plugin_loads_total{plugin="movies",result="fault_copy"})"), 0);
}

TEST(Metrics, LabelValuesAreEscapedAndUtf8) {
  Metrics metrics("v", "r");
  const auto worker = metrics.worker({.function = "f\"\\\n", .queue = "q", .recovers = ""});
  worker->dead_letter("bad \xff byte");
  const std::string scrape = metrics.scrape();
  EXPECT_THAT(scrape, HasSubstr(R"(function="f\"\\\n",outcome="delivered")"));
  EXPECT_THAT(scrape, HasSubstr(R"(error_type="bad ? byte")"));
  EXPECT_THAT(scrape, Not(HasSubstr("\xff")));
}

TEST(Metrics, EveryFamilyHasHelpAndTypeOnce) {
  Metrics metrics("v", "r");
  metrics.worker({.function = "f", .queue = "q", .recovers = "q"});
  metrics.set_gauges(example_gauges);
  const std::string scrape = metrics.scrape();
  for (const char* type : {"eddy_records_total counter",
                           "eddy_dead_letters_total counter",
                           "eddy_dead_letter_write_failures_total counter",
                           "eddy_dead_letter_queue_depth gauge",
                           "eddy_dead_letter_oldest_seconds gauge",
                           "eddy_recoveries_total counter",
                           "eddy_recovery_success_ratio gauge",
                           "eddy_recovery_seconds histogram",
                           "eddy_call_seconds histogram",
                           "eddy_call_faults_total counter",
                           "eddy_retries_total counter",
                           "eddy_dead_letters_dropped_total counter",
                           "eddy_retry_backlog gauge",
                           "eddy_breaker_state gauge",
                           "eddy_consumer_lag gauge",
                           "eddy_plugin_info gauge",
                           "eddy_plugin_loads_total counter",
                           "eddy_plugin_state gauge",
                           "eddy_ready gauge",
                           "eddy_build_info gauge"}) {
    const std::string line = std::string("# TYPE ") + type + "\n";
    EXPECT_THAT(scrape, HasSubstr(line));
    EXPECT_EQ(scrape.find(line), scrape.rfind(line)) << line;
    const std::string name = std::string(type).substr(0, std::string(type).find(' '));
    EXPECT_THAT(scrape, HasSubstr("# HELP " + name + " "));
  }
}

TEST(Metrics, PromtoolFindsNothing) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  Metrics metrics("v", "r");
  const auto worker = metrics.worker({.function = "f\"\\\n", .queue = "q", .recovers = "q"});
  worker->dead_letter("std::invalid_argument");
  worker->call_seconds.observe(0.1);
  metrics.plugin_load("movies", "loaded");
  metrics.set_gauges(example_gauges);
  const TemporaryFolder folder = *TemporaryFolder::make();
  const std::string path = folder.path() + "/report";
  FILE* tool = popen(("promtool check metrics > " + path + " 2>&1").c_str(), "w");
  ASSERT_NE(tool, nullptr);
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(std::fwrite(scrape.data(), 1, scrape.size(), tool), scrape.size());
  EXPECT_EQ(pclose(tool), 0);
  std::string report(4096, '\0');
  FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  report.resize(std::fread(report.data(), 1, report.size(), file));
  std::fclose(file);
  EXPECT_EQ(report, "");
}

TEST(Metrics, ManyMayAskAndCountAtOnce) {
  Metrics metrics("v", "r");
  metrics.set_gauges(example_gauges);
  constexpr int kWorkers = 4, kRounds = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&metrics] {
      for (int round = 0; round < kRounds; ++round) {
        const auto worker = metrics.worker({.function = "f", .queue = "q", .recovers = ""});
        worker->outcomes[0].add();
        worker->dead_letter("E");
        EXPECT_FALSE(metrics.scrape().empty());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(value(metrics.scrape(), R"(eddy_records_total{function="f",outcome="delivered"})"), kWorkers * kRounds);
}

}  // namespace
}  // namespace eddy::host
