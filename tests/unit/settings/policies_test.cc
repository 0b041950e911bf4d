// SPDX-License-Identifier: Apache-2.0
// The keys of the failure policies and of Kafka, and the rules between keys.
#include "settings/policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/render.h"
#include "settings/rules.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using test::findings;
using test::good;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Policies, AreOffUnlessTheyAreGiven) {
  const FunctionSettings function = good("functions: { '*': { breaker: {} } }").function("f");
  EXPECT_EQ(function.retry, RetrySettings{});
  EXPECT_EQ(function.retry.max_attempts, 1u);
  EXPECT_FALSE(function.breaker.enabled());
  EXPECT_EQ(function.limits, LetterLimits{});
  EXPECT_EQ(function.order, Order::kPartition);
  EXPECT_FALSE(function.at_least_once);
}

TEST(Policies, EveryKeyIsStored) {
  const FunctionSettings function = good(R"(
functions:
  f:
    delivery: at_least_once
    order: key
    retry: { max_attempts: 4, initial_interval_ms: 10, multiplier: 3, max_interval_ms: 90, jitter: 0, on: [A, "B*"],
             never_on: [] }
    breaker: { failure_ratio: 0.25, min_calls: 7, window_ms: 8, consecutive_failures: 9, reset_timeout_ms: 11, probes: 12,
               on_open: dead_letter, retract_ms: 13 }
    sample: 0.5
    max_per_second: 14
    on_overflow: sample
)")
                                        .function("f");
  EXPECT_TRUE(function.at_least_once);
  EXPECT_EQ(function.order, Order::kKey);
  EXPECT_EQ(function.retry, (RetrySettings{4, 10, 3.0, 90, 0.0, RetryMode::kInPlace, {"A", "B*"}, {}}));
  EXPECT_EQ(function.breaker, (BreakerSettings{true, 0.25, 7, 8, 9, 11, 12, OnOpen::kDeadLetter, 13}));
  EXPECT_EQ(function.limits, (LetterLimits{0.5, 14, OnOverflow::kSample}));
  EXPECT_EQ(good("functions: { f: { retry: { mode: stream } } }").function("f").retry.mode, RetryMode::kStream);
}

TEST(Policies, AnyKeyTurnsTheBreakerOn) {
  const auto enabled = [](const std::string& keys) {
    return good("functions: { f: { breaker: { " + keys + " } } }").function("f").breaker.enabled();
  };
  EXPECT_TRUE(enabled("on_open: pause"));
  EXPECT_TRUE(enabled("consecutive_failures: 3"));
  EXPECT_TRUE(enabled("consecutive_failures: 0, failure_ratio: 0.5"));
  EXPECT_TRUE(enabled("failure_ratio: 0"));
  EXPECT_FALSE(enabled("consecutive_failures: 0, failure_ratio: 0"));
  const Settings layers =
      good("functions: { '*': { breaker: { probes: 2 } }, f: { breaker: { consecutive_failures: 0 } } }");
  EXPECT_TRUE(layers.function("g").breaker.enabled());
  EXPECT_FALSE(layers.function("f").breaker.enabled()) << "a later section turns it off";
}

TEST(Policies, LimitsOfAFunctionWinOverThoseOfItsQueueKeyByKey) {
  const Settings settings = good(R"(
dead_letter_queues: { "*": { sample: 0.1, max_per_second: 5 }, q: { on_overflow: sample } }
functions: { f: { sample: 0.9 } }
)");
  EXPECT_EQ(settings.limits("f", "q"), (LetterLimits{0.9, 5, OnOverflow::kSample}));
  EXPECT_EQ(settings.limits("g", "p"), (LetterLimits{0.1, 5, OnOverflow::kPause}));
  EXPECT_EQ(settings.queue("p").limits.sample, 0.1);
}

TEST(Rules, OrderByKeyNeedsRetriesInPlace) {
  EXPECT_THAT(
      findings("functions:\n  f:\n    order: key\n    retry: { mode: stream }\n"),
      ElementsAre("f:3:12: functions[\"f\"]: order: key needs retry.mode: in_place; expected order: partition or "
                  "retry.mode: in_place, found order: key with retry.mode: stream"));
  EXPECT_THAT(findings("functions:\n  '*': { order: key }\n  f: { timeout_ms: 1 }\n  g: { retry: { mode: stream } }\n"),
              ElementsAre(HasSubstr("f:4:23: functions[\"g\"]: order: key needs")))
      << "said once, where the conflict comes up";
  EXPECT_THAT(findings("functions: { '*': { order: key }, g: { retry: { mode: stream }, order: partition } }"),
              IsEmpty());
}

TEST(Rules, AConflictOfGlobsIsFoundByTheFunctionsName) {
  const Settings settings = good("functions: { 'a*': { order: key }, '*b': { retry: { mode: stream } } }");
  EXPECT_THAT(policy_conflict(settings.function("ab")), HasSubstr("order: key needs retry.mode: in_place"));
  EXPECT_EQ(policy_conflict(settings.function("a")), "");
}

TEST(Rules, TheFirstPauseIsNoLongerThanTheLongest) {
  EXPECT_THAT(
      findings("functions: { f: { retry: { initial_interval_ms: 100000 } } }"),
      ElementsAre(HasSubstr("retry.initial_interval_ms: expected at most retry.max_interval_ms, which is 60000, "
                            "found 100000")));
}

TEST(Rules, TheEmbeddedStoreKeepsOneCopy) {
  EXPECT_THAT(
      findings("streams: { defaults: { replication_factor: 3 }, named: { a: { replication_factor: 2 } } }"),
      ElementsAre(HasSubstr("streams.defaults.replication_factor: the embedded store keeps one copy; expected 1, "
                            "or streams.transport: kafka, found 3"),
                  HasSubstr("streams.named[\"a\"].replication_factor: the embedded store keeps one copy")));
  const Settings kafka = good(
      "streams: { transport: kafka, defaults: { replication_factor: 3 }, named: { a: { replication_factor: 2 } } }");
  EXPECT_EQ(kafka.stream("a").replication_factor, 2u);
  EXPECT_EQ(kafka.stream("b").replication_factor, 3u);
}

TEST(Rules, ARetractableUnitEndsBeforeItsTransaction) {
  const std::string transport = "streams: { transport: kafka, kafka: { transaction_timeout_ms: 5000 } }\n";
  EXPECT_THAT(
      findings(transport + "functions: { f: { breaker: { retract_ms: 5000 } } }"),
      ElementsAre(HasSubstr("breaker.retract_ms: expected less than streams.kafka.transaction_timeout_ms, which is "
                            "5000, found 5000")));
  EXPECT_THAT(findings(transport + "functions: { f: { breaker: { retract_ms: 5000 }, delivery: at_least_once } }"),
              IsEmpty());
  EXPECT_THAT(findings("functions: { f: { breaker: { retract_ms: 600000 } } }"), IsEmpty());
}

TEST(Kafka, EveryKeyIsStored) {
  const Settings settings = good(R"(
streams:
  transport: kafka
  kafka:
    brokers: ["a:9092", "b:9092"]
    properties: { security.protocol: SASL_SSL, linger.ms: 5, share: 0.10, sasl.password: "a: b", on: true, empty: "" }
    topic_prefix: "team."
    create_topics: false
    static_membership: true
    host_id: host-1
    transaction_timeout_ms: 15000
)");
  const KafkaSettings& kafka = settings.kafka;
  EXPECT_EQ(settings.transport, TransportKind::kKafka);
  EXPECT_THAT(kafka.brokers, ElementsAre("a:9092", "b:9092"));
  const std::map<std::string, std::string> properties = {
      {"security.protocol", "SASL_SSL"}, {"linger.ms", "5"}, {"share", "0.10"},
      {"sasl.password", "a: b"},         {"on", "true"},     {"empty", ""}};
  EXPECT_EQ(kafka.properties, properties) << "texts as they are written";
  EXPECT_EQ(kafka.topic_prefix, "team.");
  EXPECT_FALSE(kafka.create_topics);
  EXPECT_TRUE(kafka.static_membership);
  EXPECT_EQ(kafka.host_id, "host-1");
  EXPECT_EQ(kafka.transaction_timeout_ms, 15'000u);
}

TEST(Kafka, SecretPropertiesAreNeverShown) {
  const test::Variable secret("EDDY_TEST_SECRET", "geheim");
  const Settings settings = good(R"(
streams:
  kafka:
    properties:
      sasl.password: geheim
      ssl.key.password: geheim
      ssl.key.pem: geheim
      ssl.keystore.password: geheim
      sasl.jaas.config: "org.apache.Module required geheim;"
      sasl.oauthbearer.client.secret: geheim
      sasl.oauthbearer.config: "principal=x geheim"
      my.token: geheim
      plain: "${EDDY_TEST_SECRET}"
      sasl.username: me
)");
  EXPECT_EQ(settings.kafka.properties.at("plain"), "geheim");
  const std::string dump = to_yaml(settings);
  EXPECT_THAT(dump, Not(HasSubstr("geheim")));
  EXPECT_THAT(dump, HasSubstr(R"("sasl.username":"me")"));
  EXPECT_THAT(dump, HasSubstr(R"("sasl.jaas.config":"***")"));
  EXPECT_THAT(dump, HasSubstr(R"("plain":"${EDDY_TEST_SECRET}")"));
}

TEST(Kafka, NamesAreWhatTopicsMayBeMadeOf) {
  EXPECT_THAT(
      findings("streams: { kafka: { topic_prefix: 'a/', host_id: 'x y', brokers: [] } }"),
      ElementsAre(HasSubstr("streams.kafka.topic_prefix: expected at most 100 letters, digits, dots, dashes and "
                            "underscores, found other characters"),
                  HasSubstr("streams.kafka.host_id: expected"),
                  HasSubstr("streams.kafka.brokers: expected at "
                            "least one broker")));
  EXPECT_THAT(findings("streams: { kafka: { properties: { a: [1], b: { c: 1 }, d: } } }"),
              ElementsAre(HasSubstr("properties.a: expected a text, found a list"),
                          HasSubstr("properties.b: expected a text, found a mapping"),
                          HasSubstr("properties.d: expected a text, found nothing")));
}

}  // namespace
}  // namespace eddy::host
