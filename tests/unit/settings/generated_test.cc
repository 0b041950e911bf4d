// SPDX-License-Identifier: Apache-2.0
// Files of config/ that follow from the field table: the reference, the schema, the findings of the bad examples.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "settings/reference.h"
#include "settings/render.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint =
    "out of date; write it with: EDDY_WRITE_GENERATED=1 build/dev/bin/unit_settings --gtest_filter='Generated*'";

// Compares a committed file with what it should hold, or writes it when asked to.
void expect_file(const fs::path& path, const std::string& text) {
  if (std::getenv("EDDY_WRITE_GENERATED") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(test::read_file(path), text) << path << " is " << kHint;
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::set<fs::path> sorted;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".expected") sorted.insert(entry.path());
  }
  return {sorted.begin(), sorted.end()};
}

LoadedSettings load_example(const fs::path& path) {
  return parse_settings(test::read_file(path), path.filename().string());
}

TEST(Generated, ReferenceIsCurrent) { expect_file(test::repository() / "config/reference.md", settings_reference()); }

TEST(Generated, SchemaIsCurrent) { expect_file(test::repository() / "config/eddy.schema.json", settings_schema()); }

TEST(Generated, FindingsOfBadExamplesAreCurrent) {
  const auto examples = files_of(test::repository() / "config/tests/bad");
  ASSERT_GE(examples.size(), 10u);
  for (const auto& example : examples) {
    const LoadedSettings loaded = load_example(example);
    EXPECT_FALSE(loaded.errors.empty()) << example;
    std::string text;
    for (const auto& message : test::messages(loaded)) text += message + "\n";
    EXPECT_EQ(text.find("geheim"), std::string::npos) << "a secret is told: " << text;
    expect_file(fs::path(example) += ".expected", text);
  }
}

// A dump with a hash in place of each mask: what is hidden cannot be read back.
std::string readable(std::string dump) {
  const std::string mask = "hash: \"***\"";
  for (std::size_t at = 0; (at = dump.find(mask)) != std::string::npos;) {
    dump.replace(at, mask.size(), "hash: sha256:" + std::string(64, '0'));
  }
  return dump;
}

TEST(Examples, GoodOnesLoadAndComeBackFromTheirOwnDump) {
  const auto examples = files_of(test::repository() / "config/tests/good");
  ASSERT_GE(examples.size(), 3u);
  for (const auto& example : examples) {
    const LoadedSettings loaded = load_example(example);
    EXPECT_THAT(test::messages(loaded), testing::IsEmpty()) << example;
    const std::string dump = to_yaml(loaded.settings);
    const LoadedSettings again = parse_settings(readable(dump), "dump");
    EXPECT_THAT(test::messages(again), testing::IsEmpty()) << dump;
    EXPECT_EQ(to_yaml(again.settings), dump) << example;
  }
}

Settings use(const std::string& name) {
  LoadedSettings loaded = load_settings((test::repository() / "config" / name).string());
  EXPECT_THAT(test::messages(loaded), testing::IsEmpty());
  const LoadedSettings again = parse_settings(readable(to_yaml(loaded.settings)), "dump");
  EXPECT_THAT(test::messages(again), testing::IsEmpty()) << name;
  return std::move(loaded.settings);
}

TEST(Examples, RetryDoesWhatItSays) {
  const Settings settings = use("retry.yaml");
  EXPECT_EQ(settings.function("f").retry.max_attempts, 4u);
  EXPECT_EQ(settings.function("f").retry.never_on.size(), 4u);
  EXPECT_EQ(settings.function("enrich_order").order, Order::kKey);
  EXPECT_EQ(settings.function("enrich_order").retry.max_attempts, 6u);
  const RetrySettings moved = settings.function("notify_user").retry;
  EXPECT_EQ(moved.mode, RetryMode::kStream);
  EXPECT_EQ(moved.max_interval_ms, 3'600'000u);
  EXPECT_THAT(moved.on, testing::ElementsAre("Timeout", "Http5*"));
}

TEST(Examples, BreakerDoesWhatItSays) {
  const Settings settings = use("breaker.yaml");
  EXPECT_FALSE(settings.function("f").breaker.enabled());
  EXPECT_TRUE(settings.function("enrich_order").breaker.enabled());
  EXPECT_EQ(settings.function("charge_card").breaker.retract_ms, 2000u);
  const BreakerSettings lookup = settings.function("lookup_user").breaker;
  EXPECT_EQ(lookup.failure_ratio, 0.5);
  EXPECT_EQ(lookup.consecutive_failures, 0u);
  EXPECT_TRUE(lookup.enabled());
  EXPECT_EQ(settings.function("push_live_score").breaker.on_open, OnOpen::kDeadLetter);
}

TEST(Examples, SamplingDoesWhatItSays) {
  const Settings settings = use("sampling.yaml");
  EXPECT_EQ(settings.limits("f", "ClickDLQ"), LetterLimits{});
  EXPECT_EQ(settings.limits("f", "ClicksDLQ").sample, 0.01);
  EXPECT_EQ(settings.limits("f", "OrdersDLQ").max_per_second, 200u);
  EXPECT_EQ(settings.limits("score_click", "ClicksDLQ").sample, 0.5);
  EXPECT_EQ(settings.limits("parse_log_line", "OrdersDLQ"), (LetterLimits{1.0, 50, OnOverflow::kSample}));
}

TEST(Examples, CanaryDoesWhatItSays) {
  const Settings settings = use("canary.yaml");
  EXPECT_EQ(settings.reload, ReloadPolicy::kCanary);
  EXPECT_EQ(
      settings.canary,
      (CanarySettings{
          .records = 5000, .letters = 500, .min_records = 1000, .window_ms = 60'000, .max_extra_failures = 0.01}));
  EXPECT_EQ(settings.quarantine, (QuarantineSettings{.max_faults = 50, .max_ms = 300'000}));
}

TEST(Examples, KafkaDoesWhatItSays) {
  const Settings settings = use("kafka.yaml");
  EXPECT_EQ(settings.transport, TransportKind::kKafka);
  EXPECT_THAT(settings.kafka.brokers, testing::ElementsAre("localhost:9092"));
  EXPECT_EQ(settings.kafka.topic_prefix, "shop.");
  EXPECT_EQ(settings.kafka.properties.at("security.protocol"), "PLAINTEXT");
  EXPECT_EQ(settings.stream("s").replication_factor, 3u);
  EXPECT_EQ(settings.stream("s").partitions, 6u);
}

TEST(Examples, IngestDoesWhatItSays) {
  const IngestSettings ingest = use("ingest.yaml").ingest;
  EXPECT_TRUE(ingest.authenticates());
  EXPECT_EQ(ingest.tls.client_certificates, ClientCertificates::kOptional);
  ASSERT_EQ(ingest.tokens.size(), 2u);
  EXPECT_EQ(ingest.tokens[0].name, "shop");
  EXPECT_THAT(ingest.tokens[0].hash, testing::StartsWith("sha256:e3b0"));
  EXPECT_THAT(ingest.tokens[0].routes, testing::ElementsAre("orders*", "payments/2"));
  EXPECT_THAT(ingest.tokens[1].routes, testing::ElementsAre("*"));
  EXPECT_EQ(ingest.jwt.jwks, "/etc/eddy/keys/jwks.json");
  EXPECT_TRUE(ingest.jwt.require_scope);
  EXPECT_EQ(ingest.rate.records_per_second, 20'000u);
  EXPECT_EQ(ingest.rate.burst_s, 2);
}

TEST(Examples, AdminDoesWhatItSays) {
  const AdminSettings admin = use("admin.yaml").admin;
  EXPECT_TRUE(admin.authenticates());
  EXPECT_EQ(admin.tls.client_certificates, ClientCertificates::kOptional);
  ASSERT_EQ(admin.tokens.size(), 3u);
  EXPECT_THAT(admin.tokens[0].rights, testing::ElementsAre("view", "operate", "reveal"));
  EXPECT_THAT(admin.tokens[1].rights, testing::ElementsAre("view", "operate"));
  EXPECT_THAT(admin.tokens[2].rights, testing::ElementsAre("view"));
  EXPECT_EQ(admin.audit_files, 30u);
}

TEST(Examples, TablesDoesWhatItSays) {
  const Settings settings = use("tables.yaml");
  EXPECT_EQ(settings.table("movies").batch_rows, 5000u);
  EXPECT_EQ(settings.table("movies").url, "sqlite:./data/tables.db");
  EXPECT_EQ(settings.table("orders_eu").url, "postgresql://eddy:change-me@localhost:5432/shop");
  EXPECT_TRUE(settings.table("orders_eu").replace_on_conflict);
  EXPECT_EQ(settings.table("orders_eu").batch_ms, 200u);
  EXPECT_FALSE(settings.table("clicks").replace_on_conflict);
  EXPECT_EQ(settings.table("clicks").batch_rows, 100'000u);
  EXPECT_EQ(settings.queue("q").table, "dead_letters");
}

TEST(Examples, NoneIsLeftUntested) {
  for (const auto& entry : fs::directory_iterator(test::repository() / "config")) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_THAT(entry.path().filename().string(),
                testing::AnyOf("eddy.yaml", "retry.yaml", "breaker.yaml", "sampling.yaml", "kafka.yaml", "ingest.yaml",
                               "admin.yaml", "tables.yaml", "canary.yaml"));
  }
}

TEST(Examples, DefaultFileHoldsTheDefaults) {
  const std::string path = (test::repository() / "config/eddy.yaml").string();
  const LoadedSettings loaded = load_settings(path);
  EXPECT_THAT(test::messages(loaded), testing::IsEmpty());
  EXPECT_EQ(loaded.settings.file, path);
  Settings written = loaded.settings;
  written.function_sections.clear();
  written.queue_sections.clear();
  EXPECT_EQ(to_yaml(written), to_yaml(Settings{}));
  const FunctionSettings function = loaded.settings.function("f"), plain;
  EXPECT_EQ(function.timeout_ms, plain.timeout_ms);
  EXPECT_EQ(function.isolation, plain.isolation);
  EXPECT_EQ(function.sandbox, plain.sandbox);
  EXPECT_EQ(function.on_fault, plain.on_fault);
  EXPECT_EQ(function.max_deaths, plain.max_deaths);
  EXPECT_EQ(function.concurrency, plain.concurrency);
  EXPECT_EQ(function.unit_ms, plain.unit_ms);
  EXPECT_EQ(function.unit_records, plain.unit_records);
  EXPECT_EQ(function.at_least_once, plain.at_least_once);
  EXPECT_EQ(function.order, plain.order);
  EXPECT_EQ(function.retry, plain.retry);
  EXPECT_EQ(function.breaker, plain.breaker);
  EXPECT_EQ(function.limits, plain.limits);
  EXPECT_EQ(loaded.settings.ingest, IngestSettings{});
  EXPECT_EQ(loaded.settings.table("t"), TableSettings{});
  EXPECT_EQ(loaded.settings.queue("q").table, "");
  EXPECT_EQ(loaded.settings.queue("q").retention_days, QueueSettings{}.retention_days);
}

}  // namespace
}  // namespace eddy::host
