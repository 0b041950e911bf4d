// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <functional>

#include "stream/kafka/judge.h"

namespace eddy::host::kafka {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = KafkaStreamUse::Kind;

// A cluster that suits: "in" to "out", dead letters to "dlq", retries in "f.retry".
class KafkaJudge : public testing::Test {
 protected:
  enum Topic : std::size_t { kIn, kOut, kDlq, kRetry };

  KafkaJudge() {
    options_.brokers = "b:9092";
    add("in", Kind::kStream, false);
    add("out", Kind::kStream, true);
    add("dlq", Kind::kQueue, true);
    add("f.retry", Kind::kRetry, true);
    config(kDlq, "max.message.bytes", "2000000");
    use_.functions = {{"f", {"eddy-f"}, "in", {"out"}, "dlq", true, std::chrono::minutes(1)}};
    facts_.brokers = 3;
    facts_.broker = {{"transactional.id.expiration.ms", "604800000"},
                     {"transaction.max.timeout.ms", "900000"},
                     {"offsets.retention.minutes", "10080"},
                     {"offset.metadata.max.bytes", "4096"}};
  }

  void add(const std::string& name, Kind kind, bool written) {
    use_.streams.push_back({{name, 1, 7, 3}, kind, !written, written});
    facts_.topics.push_back({"p." + name,
                             TopicFacts::State::kThere,
                             1,
                             3,
                             {{"max.message.bytes", "1048588"},
                              {"retention.ms", "604800000"},
                              {"cleanup.policy", "delete"},
                              {"message.timestamp.type", "CreateTime"},
                              {"min.insync.replicas", "2"},
                              {"unclean.leader.election.enable", "false"}}});
  }
  void config(Topic topic, const std::string& name, const std::string& value) {
    facts_.topics[topic].configs[name] = value;
  }

  Findings judged() const { return judge(options_, use_, facts_); }

  KafkaOptions options_;
  KafkaUse use_;
  ClusterFacts facts_;
};

auto finding(Severity severity, const std::string& what, const std::string& fix) {
  return AllOf(Field(&KafkaFinding::severity, severity), Field(&KafkaFinding::what, HasSubstr(what)),
               Field(&KafkaFinding::fix, HasSubstr(fix)), Field(&KafkaFinding::code, Code::kConfig));
}
auto error(const std::string& what, const std::string& fix) { return finding(Severity::kError, what, fix); }
auto warning(const std::string& what, const std::string& fix) { return finding(Severity::kWarning, what, fix); }

TEST_F(KafkaJudge, FindsNothingWrongWithAClusterThatSuits) { EXPECT_THAT(judged(), IsEmpty()); }

TEST_F(KafkaJudge, SaysNothingOfSettingsThatMayNotBeRead) {
  facts_.broker.clear();
  for (TopicFacts& topic : facts_.topics) topic.configs.clear();
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(KafkaJudge, WantsTransactionalIdsKeptForADay) {
  facts_.broker["transactional.id.expiration.ms"] = "86399999";
  EXPECT_THAT(judged(), ElementsAre(warning("86399999", "transactional.id.expiration.ms=604800000")));
  use_.functions[0].exactly_once = false;
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(KafkaJudge, WantsTransactionalIdsKeptOverTheLongestPause) {
  use_.functions[0].longest_pause = std::chrono::hours(24 * 8);
  EXPECT_THAT(judged(), ElementsAre(warning("expected at least 691200000", "=691200000")));
}

TEST_F(KafkaJudge, RefusesATransactionTimeoutAboveTheBrokers) {
  options_.transaction_timeout = std::chrono::milliseconds(900'001);
  EXPECT_THAT(judged(), ElementsAre(error("900001", "transaction_timeout_ms to 900000 or less")));
  options_.transaction_timeout = std::chrono::milliseconds(900'000);
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(KafkaJudge, WantsPositionsKeptForADay) {
  facts_.broker["offsets.retention.minutes"] = "1439";
  EXPECT_THAT(judged(), ElementsAre(warning("loses its place", "offsets.retention.minutes=10080")));
}

TEST_F(KafkaJudge, RefusesTooLittleRoomForPositions) {
  facts_.broker["offset.metadata.max.bytes"] = "4095";
  EXPECT_THAT(judged(), ElementsAre(error("4095", "offset.metadata.max.bytes=4096")));
}

TEST_F(KafkaJudge, LetsTheHostMakeTopicsOrSaysHow) {
  facts_.topics[kOut] = {"p.out", TopicFacts::State::kMissing, 0, 0, {}};
  EXPECT_THAT(judged(), IsEmpty());
  options_.create_topics = false;
  EXPECT_THAT(judged(), ElementsAre(error("no topic 'p.out'",
                                          "kafka-topics --bootstrap-server b:9092 --create --topic p.out --partitions "
                                          "1 --replication-factor 3 --config retention.ms=604800000")));
}

TEST_F(KafkaJudge, CountsPartitionsButOfRetryStreams) {
  for (KafkaStreamUse& stream : use_.streams) stream.spec.partitions = 4;
  facts_.topics[kIn].partitions = facts_.topics[kDlq].partitions = 4;
  EXPECT_THAT(judged(), ElementsAre(warning("has 1 partitions, 4 are declared; the host raises them",
                                            "--alter --topic p.out --partitions 4")));
  options_.create_topics = false;
  EXPECT_THAT(judged(), ElementsAre(warning("create_topics is false", "--partitions 4")));
}

TEST_F(KafkaJudge, RefusesATopicThatNobodyCanWrite) {
  config(kOut, "min.insync.replicas", "4");
  EXPECT_THAT(judged(),
              ElementsAre(error("nothing can be written", "--entity-name p.out --add-config min.insync.replicas=3")));
}

TEST_F(KafkaJudge, WarnsOfAcknowledgementsByOneBrokerAlone) {
  config(kOut, "min.insync.replicas", "1");
  EXPECT_THAT(judged(), ElementsAre(warning("min.insync.replicas 1 and 3 replicas", "min.insync.replicas=2")));
  facts_.topics[kOut].replicas = 1;  // there is no other
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(KafkaJudge, WarnsOfUncleanLeaders) {
  config(kIn, "unclean.leader.election.enable", "true");
  EXPECT_THAT(judged(), ElementsAre(warning("'p.in'", "unclean.leader.election.enable=false")));
}

TEST_F(KafkaJudge, WarnsWhereTimestampsAreNotKept) {
  config(kIn, "message.timestamp.type", "LogAppendTime");  // only read: what it says is true
  EXPECT_THAT(judged(), IsEmpty());
  config(kOut, "message.timestamp.type", "LogAppendTime");
  EXPECT_THAT(judged(), ElementsAre(warning("LogAppendTime", "message.timestamp.type=CreateTime")));
}

TEST_F(KafkaJudge, RefusesCompactionWhereRecordsWouldBeLost) {
  config(kOut, "cleanup.policy", "compact");  // a table of one's own
  EXPECT_THAT(judged(), IsEmpty());
  config(kDlq, "cleanup.policy", "compact,delete");
  config(kRetry, "cleanup.policy", "compact");
  EXPECT_THAT(judged(), ElementsAre(error("dead letter queue 'dlq'", "cleanup.policy=delete"),
                                    error("retry stream 'f.retry'", "cleanup.policy=delete")));
}

TEST_F(KafkaJudge, WarnsOfLettersKeptTooShortly) {
  config(kIn, "retention.ms", "1000");
  EXPECT_THAT(judged(), IsEmpty());
  config(kDlq, "retention.ms", "604799999");
  EXPECT_THAT(judged(), ElementsAre(warning("shorter than wanted (7 days)", "retention.ms=604800000")));
  use_.streams[kDlq].spec.retention_days = 0;
  config(kDlq, "retention.ms", "604800000");
  EXPECT_THAT(judged(), ElementsAre(warning("for ever", "retention.ms=-1")));
  config(kDlq, "retention.ms", "-1");
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(KafkaJudge, WarnsOfADestinationSmallerThanItsSource) {
  config(kOut, "max.message.bytes", "1048587");
  EXPECT_THAT(judged(), ElementsAre(warning("its source 'in' 1048588",
                                            "--entity-name p.out --add-config max.message.bytes=1048588")));
}

TEST_F(KafkaJudge, WantsRoomAroundTheLargestOriginal) {
  config(kDlq, "max.message.bytes", std::to_string(1'048'588 + 65'536));
  EXPECT_THAT(judged(), IsEmpty());
  add("big", Kind::kStream, false);
  facts_.topics.back().configs["max.message.bytes"] = "3000000";
  use_.functions.push_back({"g", {"eddy-g"}, "big", {}, "dlq", true, {}});
  use_.functions.push_back({"h", {"eddy-h"}, "dlq", {}, "dlq", true, {}});  // recovers: its queue is its source
  EXPECT_THAT(judged(), ElementsAre(warning("its source 'big' 3000000", "max.message.bytes=4065536")));
}

}  // namespace
}  // namespace eddy::host::kafka
