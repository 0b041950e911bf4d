// SPDX-License-Identifier: Apache-2.0
// What only Kafka has.
#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "contract/kafka_bed.h"
#include "contract/transport_contract.h"
#include "stream/kafka/client.h"

namespace eddy::host::contract {

using testing::HasSubstr;

namespace {

class Kafka : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    auto opened = open_kafka(options_);
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    transport_ = *std::move(opened);
  }
  StreamId make_stream(const std::string& name, std::uint32_t partitions = 1) {
    return *transport_->ensure_stream({name, partitions, 0, 1});
  }
  void append_numbers(StreamId to, int count) {
    std::vector<OutRecord> records(static_cast<std::size_t>(count));
    const std::vector<std::string> texts = numbers(0, count);
    for (std::size_t i = 0; i < records.size(); ++i) records[i].value = texts[i];
    const auto appended = transport_->append(to, records);
    ASSERT_TRUE(appended.ok()) << appended.error().text;
  }
  std::size_t count_in(const std::string& stream) {
    settle(options_, stream, 1);
    auto browser = *transport_->open_browser(stream);
    std::size_t count = 0;
    for (std::int64_t offset = 0;;) {
      auto read = browser->read(0, offset, 10'000);
      EXPECT_TRUE(read.ok()) << read.error().text;
      if (!read || read->empty()) return count;
      count += read->size();
      offset = read->back().offset + 1;
    }
  }
  Position position() {
    settle(options_, "source", 1, "g");
    return transport_->positions("g", "source")->at(0);
  }
  void configure(const std::string& stream, const char* name, const std::string& value);
  // A broker says that a topic is configured a moment before it heeds it: until it refuses this record of a transport
  // that knew the topic before.
  static void wait_until_refused(Transport& elsewhere, StreamId there, const OutRecord& record);
  void commit_as_a_stranger(std::int64_t offset, std::string_view metadata);

  KafkaOptions options_ = kafka_options();
  std::unique_ptr<Transport> transport_;
};

void Kafka::configure(const std::string& stream, const char* name, const std::string& value) {
  const auto client = *kafka::Client::make(options_, kafka::Role::kAdmin, "test");
  rd_kafka_ConfigResource_t* topic =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, (options_.topic_prefix + stream).c_str());
  rd_kafka_ConfigResource_set_config(topic, name, value.c_str());
  const kafka::Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_AlterConfigs(client->get(), &topic, 1, nullptr, queue.get());
  const kafka::Event event(rd_kafka_queue_poll(queue.get(), static_cast<int>(kPatience.count())));
  ASSERT_NE(event, nullptr);
  ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_ConfigResource_destroy(topic);
}

void Kafka::wait_until_refused(Transport& elsewhere, StreamId there, const OutRecord& record) {
  auto appended = elsewhere.append(there, {&record, 1});
  while (appended.ok()) appended = elsewhere.append(there, {&record, 1});
  EXPECT_THAT(appended.error().text, HasSubstr("limits have been read again"));
}

void Kafka::commit_as_a_stranger(std::int64_t offset, std::string_view metadata) {
  const auto client =
      *kafka::Client::make(options_, kafka::Role::kConsumer, "test", {{"group.id", options_.topic_prefix + "g"}});
  const kafka::PartitionList list = kafka::make_list();
  auto* entry = rd_kafka_topic_partition_list_add(list.get(), (options_.topic_prefix + "source").c_str(), 0);
  entry->offset = offset;
  entry->metadata = ::strndup(metadata.data(), metadata.size());
  entry->metadata_size = metadata.size();
  ASSERT_EQ(rd_kafka_commit(client->get(), list.get(), 0), RD_KAFKA_RESP_ERR_NO_ERROR);
}

SessionSpec at_least_once() {
  SessionSpec spec{"g", "source", 0, 1, Delivery::kAtLeastOnce};
  return spec;
}

}  // namespace

TEST_F(Kafka, LeavesNoLagBehindMarkers) {
  append_numbers(make_stream("source"), 10);  // one transaction: a marker stands behind them
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  poll_owned(*worker, 10);
  ASSERT_TRUE(worker->commit().ok());
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (position().committed != position().end && std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(worker->poll(std::chrono::milliseconds(100), 10)->empty());
  }
  EXPECT_EQ(position().committed, position().end);
  EXPECT_EQ(position().end, 11);
  EXPECT_EQ(position().tally.delivered, 10u);
}

TEST_F(Kafka, ShowsNothingOfALargeUnitThatIsAborted) {
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 1);
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  const std::string value(1000, 'x');
  for (const bool keep : {false, true}) {
    poll_owned(*worker, 1);
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(worker->write(out, {{}, value, {}, 1, {}}).ok());
    const auto aborted = keep ? Result<void>() : worker->abort();
    ASSERT_TRUE(aborted.ok()) << aborted.error().text;
  }
  const auto done = worker->commit();
  ASSERT_TRUE(done.ok()) << done.error().text;
  EXPECT_EQ(count_in("out"), 5000u);
  EXPECT_EQ(position().tally.delivered, 1u);
}

TEST_F(Kafka, CopiesAtLeastOnce) {
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 1000);
  {
    auto worker = *transport_->open_session(at_least_once());
    for (int unit = 0; unit < 10; ++unit) {
      if (unit == 9) {
        // A session that closes waits for the answer to what was sent; what is still to be sent it may not wait for.
        worker->pause();
        while (position().tally.delivered < 900) ASSERT_TRUE(worker->poll(std::chrono::milliseconds(100), 1).ok());
        worker->resume();
      }
      for (const Owned& record : poll_owned(*worker, 100)) {
        ASSERT_TRUE(worker->write(out, {{}, *record.value, {}, 1, {}}).ok());
      }
      if (unit == 5) {
        ASSERT_TRUE(worker->abort().ok());
        --unit;
        for (const Owned& record : poll_owned(*worker, 100)) {
          ASSERT_TRUE(worker->write(out, {{}, *record.value, {}, 1, {}}).ok());
        }
        ++unit;
      }
      ASSERT_TRUE(worker->commit().ok());
    }
  }
  EXPECT_EQ(count_in("out"), 1000u);
  EXPECT_EQ(position().tally.delivered, 1000u);
  EXPECT_GE(position().committed, 1000);
}

TEST_F(Kafka, LearnsOfALimitThatWasLowered) {
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 1);
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  const auto elsewhere = *open_kafka(options_);
  const StreamId there = *elsewhere->find_stream("out");
  const std::string value(50'000, 'x');
  configure("out", "max.message.bytes", "20000");
  wait_until_refused(*elsewhere, there, {{}, value, {}, 1, {}});
  const std::size_t before = count_in("out");
  poll_owned(*worker, 1);
  ASSERT_TRUE(worker->write(out, {{}, value, {}, 1, {}}).ok());
  const auto refused = worker->commit();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  const auto aborted = worker->abort();
  ASSERT_TRUE(aborted.ok()) << aborted.error().text;

  poll_owned(*worker, 1);
  const auto too_large = worker->write(out, {{}, value, {}, 1, {}});
  ASSERT_FALSE(too_large.ok());
  EXPECT_EQ(too_large.error().code, Code::kTooLarge);
  EXPECT_LT(transport_->max_record_bytes(out), 20'000u);
  // Many small ones are no larger a batch than the topic takes.
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(worker->write(out, {{}, std::string(500, 'y'), {}, 1, {}}).ok());
  const auto done = worker->commit();
  ASSERT_TRUE(done.ok()) << done.error().text;
  EXPECT_EQ(count_in("out"), before + 500);
}

TEST_F(Kafka, LosesNothingThatFailsWhileALargeUnitGrows) {
  options_.properties = {{"queue.buffering.max.kbytes", "4096"}};
  open();
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 1);
  auto worker = *transport_->open_session(at_least_once());
  const auto elsewhere = *open_kafka(options_);
  const StreamId there = *elsewhere->find_stream("out");
  const std::string large(50'000, 'x');
  configure("out", "max.message.bytes", "20000");
  wait_until_refused(*elsewhere, there, {{}, large, {}, 1, {}});
  poll_owned(*worker, 1);
  ASSERT_TRUE(worker->write(out, {{}, large, {}, 1, {}}).ok());
  for (int i = 0; i < 12'000; ++i) ASSERT_TRUE(worker->write(out, {{}, std::string(500, 'y'), {}, 1, {}}).ok());
  const auto refused = worker->commit();
  ASSERT_FALSE(refused.ok()) << "the first is nowhere";
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_TRUE(worker->abort().ok());
  EXPECT_EQ(position().committed, 0);
}

TEST_F(Kafka, LearnsWhichTimesATopicTakes) {
  const StreamId out = make_stream("out");
  configure("out", "message.timestamp.after.max.ms", "9223372036854775807");
  const std::int64_t far = SystemClock().now_us() + 7'200'000'000;
  const OutRecord record{{}, "far", {}, far, {}};
  const auto elsewhere = *open_kafka(options_);
  const StreamId there = *elsewhere->find_stream("out");
  while (!elsewhere->append(there, {&record, 1}).ok()) ASSERT_TRUE(elsewhere->apply_retention(0).ok());
  ASSERT_TRUE(transport_->apply_retention(0).ok());  // looks at the topics again
  append_numbers(make_stream("source"), 1);
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  configure("out", "message.timestamp.after.max.ms", "3600000");
  wait_until_refused(*elsewhere, there, record);
  const std::size_t before = count_in("out");
  poll_owned(*worker, 1);
  ASSERT_TRUE(worker->write(out, {{}, "far", {}, far, {}}).ok());
  EXPECT_EQ(worker->commit().error().code, Code::kConflict);
  ASSERT_TRUE(worker->abort().ok());

  poll_owned(*worker, 1);
  const auto refused = worker->write(out, {{}, "far", {}, far, {}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kBadData);
  EXPECT_THAT(refused.error().text, HasSubstr("message.timestamp.after.max.ms"));
  ASSERT_TRUE(worker->write(out, {{}, "near", {}, far - 4'000'000'000, {}}).ok());
  const auto done = worker->commit();
  ASSERT_TRUE(done.ok()) << done.error().text;
  EXPECT_EQ(count_in("out"), before + 1);
}

TEST_F(Kafka, GoesOnFromAStrangersPosition) {
  append_numbers(make_stream("source"), 10);
  commit_as_a_stranger(4, "somebody else's note");
  EXPECT_EQ(position().committed, 4);
  EXPECT_TRUE(position().tally.empty());
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  EXPECT_EQ(values(poll_owned(*worker, 6)), numbers(4, 10));
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(position().tally.delivered, 6u);
}

TEST_F(Kafka, NeverCommitsAUnitOfALostMember) {
  const auto patient = *open_kafka(options_);  // its member stays one, however long it has to wait for the processor
  options_.properties = {{"max.poll.interval.ms", "6000"}, {"session.timeout.ms", "6000"}};
  open();
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 5);
  auto sleeper = *transport_->open_session({"g", "source", 0, 2, {}});
  for (const Owned& record : poll_owned(*sleeper, 5)) {
    ASSERT_TRUE(sleeper->write(out, {{}, *record.value, {}, 1, {}}).ok());
  }
  auto other = *patient->open_session({"g", "source", 1, 2, {}});
  EXPECT_EQ(poll_owned(*other, 5).size(), 5u);  // comes when the group has given the sleeper up
  ASSERT_TRUE(other->commit().ok());

  const auto late = sleeper->commit();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::kConflict);
  EXPECT_TRUE(sleeper->abort().ok());
  EXPECT_EQ(count_in("out"), 0u);
  EXPECT_EQ(position().tally.delivered, 5u);
}

// Librdkafka 2.0 ends the process when a consumer goes at a bad moment.
TEST_F(Kafka, ASessionMayGoAtAnyMomentOfItsComing) {
  append_numbers(make_stream("source"), 1);
  for (int moment = 0; moment < 40; ++moment) {
    auto going = *transport_->open_session({"g" + std::to_string(moment), "source", 0, 1, {}});
    ASSERT_TRUE(going->poll(std::chrono::milliseconds(moment), 1).ok());
  }
  auto worker = *transport_->open_session({"g", "source", 0, 1, {}});
  EXPECT_EQ(values(poll_owned(*worker, 1)), numbers(0, 1));
}

// It is told so, and nobody polls it any more: librdkafka waits for an answer before it lets it go.
TEST_F(Kafka, ASessionMayGoWhoseShareIsNothingYet) {
  append_numbers(make_stream("source"), 1);
  auto stays = *transport_->open_session({"g", "source", 0, 2, {}});
  EXPECT_EQ(values(poll_owned(*stays, 1)), numbers(0, 1));
  auto goes = *transport_->open_session({"g", "source", 1, 2, {}});
  goes.reset();
  while (!stays->commit().ok()) {  // the group is being divided anew: its unit runs again, as a worker's does
    ASSERT_TRUE(stays->abort().ok());
    EXPECT_EQ(values(poll_owned(*stays, 1)), numbers(0, 1));
  }
  EXPECT_EQ(position().tally.delivered, 1u);
}

TEST_F(Kafka, SaysWhatIsWrongWhenNoBrokerAnswers) {
  options_.brokers = "127.0.0.1:1";
  const auto opened = open_kafka(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kUnavailable);
  EXPECT_THAT(opened.error().text, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(opened.error().text, HasSubstr("refused"));
}

TEST_F(Kafka, SaysHowToMakeATopicThatItMayNotMake) {
  options_.create_topics = false;
  open();
  const auto refused = transport_->ensure_stream({"orders", 3, 7, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConfig);
  EXPECT_THAT(refused.error().text, HasSubstr("kafka-topics"));
  EXPECT_THAT(refused.error().text, HasSubstr(options_.topic_prefix + "orders"));
}

TEST_F(Kafka, SaysWhyATopicCannotBeMade) {
  const auto copies = transport_->ensure_stream({"copies", 1, 7, 5});
  ASSERT_FALSE(copies.ok());
  EXPECT_EQ(copies.error().code, Code::kConfig);
  EXPECT_THAT(copies.error().text, HasSubstr("replication_factor"));
  const auto name = transport_->ensure_stream({"a b", 1, 7, 1});
  ASSERT_FALSE(name.ok());
  EXPECT_EQ(name.error().code, Code::kBadData);
}

}  // namespace eddy::host::contract
