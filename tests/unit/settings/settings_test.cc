// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using test::good;

TEST(Settings, MatchingSectionsAreLaidOverEachOtherInFileOrder) {
  const Settings settings = good(R"(
functions:
  "*": { timeout_ms: 1, unit_ms: 2, on_fault: quarantine }
  "movie_?": { timeout_ms: 10, dead_letter_queue: Movies }
  movie_a: { unit_ms: 20 }
  "m*": { timeout_ms: 100 }
)");
  const FunctionSettings a = settings.function("movie_a");
  EXPECT_EQ(a.timeout_ms, 100u);
  EXPECT_EQ(a.unit_ms, 20u);
  EXPECT_EQ(a.on_fault, OnFault::kQuarantine);
  EXPECT_EQ(a.dead_letter_queue, "Movies");
  EXPECT_EQ(a.unit_records, 30'000u);
  const FunctionSettings other = settings.function("other");
  EXPECT_EQ(other.timeout_ms, 1u);
  EXPECT_EQ(other.unit_ms, 2u);
  EXPECT_EQ(other.dead_letter_queue, "");
}

TEST(Settings, SectionsOverrideWhatThePluginDeclares) {
  const Settings settings = good(R"(
streams:
  defaults: { partitions: 2, retention_days: 4 }
  named: { "a*": { partitions: 8 } }
functions: { "a*": { concurrency: 3 }, ab: { concurrency: 0 } }
dead_letter_queues: { "a*": { retention_days: 5 }, kept: { retention_days: 90 } }
)");
  EXPECT_EQ(settings.stream("b").partitions, 2u);
  EXPECT_EQ(settings.stream("b", 6, 9).partitions, 6u);
  EXPECT_EQ(settings.stream("b", 6, 9).retention_days, 9u);
  EXPECT_EQ(settings.stream("a", 6, 9).partitions, 8u);
  EXPECT_EQ(settings.stream("a", 6, 9).retention_days, 9u);
  EXPECT_EQ(settings.function("b").concurrency, 0u);
  EXPECT_EQ(settings.function("b", 7).concurrency, 7u);
  EXPECT_EQ(settings.function("a", 7).concurrency, 3u);
  EXPECT_EQ(settings.function("ab", 7).concurrency, 7u) << "0 means as the plugin says";
  EXPECT_EQ(settings.queue("b").retention_days, 30u);
  EXPECT_EQ(settings.queue("b", 12).retention_days, 12u);
  EXPECT_EQ(settings.queue("kept.parked").retention_days, 90u);
  EXPECT_EQ(settings.queue("kept_otherwise.parked").retention_days, 30u);
  EXPECT_EQ(settings.queue("a", 12).retention_days, 5u);
}

TEST(Settings, QueueOptionsAreStored) {
  const Settings settings = good(R"(
streams: { embedded: { max_record_bytes: 2048 } }
dead_letter_queues:
  q: { format: raw, casing: camelCase, header_compat: spring, max_hops: 7 }
  plain: { context_headers: true }
)");
  const QueueOptions raw = settings.queue("q").options;
  EXPECT_EQ(raw.format, QueueFormat::kRaw);
  EXPECT_EQ(raw.casing, Casing::kCamel);
  EXPECT_EQ(raw.header_compat, HeaderCompat::kSpring);
  EXPECT_EQ(raw.max_hops, 7u);
  EXPECT_TRUE(raw.context_headers) << "a raw letter has its facts nowhere else";
  EXPECT_EQ(raw.max_record_bytes, 2048u);
  EXPECT_TRUE(settings.queue("plain").options.context_headers);
  EXPECT_FALSE(settings.queue("other").options.context_headers);
}

TEST(Settings, ConfigIsHandedOnAsJson) {
  const test::Variable token("EDDY_TEST_TOKEN", "a\"b");
  const Settings settings = good(R"(
functions:
  f:
    config:
      text: hello
      quoted: "12"
      number: 12
      big: 12345678901234567890123
      share: .5
      yes_or_no: yes
      truth: True
      none: ~
      empty: ""
      list: [1, a, { b: 2 }]
      token: ${EDDY_TEST_TOKEN}
      lines: |
        one
        two
)");
  EXPECT_EQ(settings.function("f").config_json,
            R"({"text":"hello","quoted":"12","number":12,"big":1.2345678901234568e+22,"share":0.5,)"
            R"("yes_or_no":"yes","truth":true,"none":null,"empty":"","list":[1,"a",{"b":2}],"token":"a\"b",)"
            R"("lines":"one\ntwo\n"})");
  EXPECT_EQ(settings.function("g").config_json, "{}");
}

TEST(Settings, ALaterConfigReplacesAnEarlierOneWhole) {
  const Settings settings = good("functions: { '*': { config: { a: 1 } }, f: { config: { b: 2 } } }");
  EXPECT_EQ(settings.function("f").config_json, R"({"b":2})");
  EXPECT_EQ(settings.function("g").config_json, R"({"a":1})");
}

TEST(Settings, SectionsKnowTheirPlace) {
  const Settings settings = good("functions:\n  f: {}\n");
  ASSERT_EQ(settings.function_sections.size(), 1u);
  EXPECT_EQ(settings.function_sections[0].pattern, "f");
  EXPECT_EQ(settings.function_sections[0].line, 2);
  EXPECT_EQ(settings.function_sections[0].column, 3);
}

}  // namespace
}  // namespace eddy::host
