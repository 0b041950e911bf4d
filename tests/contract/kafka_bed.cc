// SPDX-License-Identifier: Apache-2.0
#include "contract/kafka_bed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "stream/kafka/client.h"
#include "stream/kafka/kafka.h"
#include "stream/kafka/offsets.h"

namespace eddy::host::contract {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{60'000};  // for what must come
constexpr std::chrono::milliseconds kBetween{5};        // two looks

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// One that is busy is asked again; where nobody listens there is none any more.
bool answers(const std::string& brokers) {
  KafkaOptions options;
  options.brokers = brokers;
  options.host_id = "probe";
  if (brokers.empty()) return false;
  const auto deadline = Clock::now() + kPatience;
  while (Clock::now() < deadline) {
    const auto opened = open_kafka(options);
    if (opened.ok()) return true;
    if (opened.error().text.find("refused") != std::string::npos) return false;
  }
  return false;
}

class Broker {
 public:
  Broker() {
    if (const char* given = std::getenv("EDDY_TEST_KAFKA")) {
      brokers_ = given;
      return;
    }
    brokers_ = first_line(std::string(EDDY_KAFKA_STATE) + "/bootstrap");
    if (!answers(brokers_)) start();
  }
  ~Broker() {
    if (folder_.empty()) return;
    run("stop");
    std::filesystem::remove_all(folder_);
  }
  const std::string& brokers() const { return brokers_; }

 private:
  void start() {
    std::string pattern = testing::TempDir() + "eddy-kafka-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    run("start");
    brokers_ = first_line(folder_ + "/bootstrap");
  }
  void run(const std::string& verb) {
    const std::string command = "PYTHONDONTWRITEBYTECODE=1 " EDDY_KAFKA_BROKER " " + verb + " " + folder_ + " >&2";
    if (std::system(command.c_str()) != 0) std::fprintf(stderr, "failed: %s\n", command.c_str());
  }

  std::string folder_;  // of a broker of our own
  std::string brokers_;
};

class KafkaBed final : public TransportBed {
 public:
  Result<std::unique_ptr<Transport>> open() override { return open_kafka(options_); }
  void settle(const std::string& stream, std::uint32_t partitions, const std::string& group) override {
    contract::settle(options_, stream, partitions, group);
  }

 private:
  const KafkaOptions options_ = kafka_options();
};

kafka::PartitionList partitions_of(const std::string& topic, std::uint32_t partitions) {
  kafka::PartitionList list = kafka::make_list(partitions);
  for (std::uint32_t partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(partition));
  }
  return list;
}

// Of all records, or of those that are decided, as the client reads.
std::vector<std::int64_t> ends(const kafka::Client& client, const std::string& topic, std::uint32_t partitions) {
  const kafka::PartitionList list = partitions_of(topic, partitions);
  const auto looked = kafka::look_up(client, *list, kafka::kEnd, kPatience);
  EXPECT_TRUE(looked.ok()) << looked.error().text;
  std::vector<std::int64_t> ends;
  for (const rd_kafka_topic_partition_t& entry : kafka::entries(*list)) ends.push_back(entry.offset);
  return ends;
}

// No answer is neither: it is asked for again.
bool positions_are_decided(const kafka::Client& client, const std::string& topic, std::uint32_t partitions) {
  const kafka::PartitionList list = partitions_of(topic, partitions);
  const auto code = rd_kafka_committed(client.get(), list.get(), static_cast<int>(kPatience.count()));
  return code == RD_KAFKA_RESP_ERR_NO_ERROR &&
         std::ranges::all_of(kafka::entries(*list), [](const auto& entry) { return entry.err == 0; });
}

}  // namespace

KafkaOptions kafka_options() {
  static const Broker broker;
  std::random_device random;
  KafkaOptions options;
  options.brokers = broker.brokers();
  options.topic_prefix = "c" + std::to_string(random()) + "-";
  options.host_id = "bed";
  return options;
}

void settle(const KafkaOptions& options, const std::string& stream, std::uint32_t partitions,
            const std::string& group) {
  const std::string topic = options.topic_prefix + stream;
  const auto all = *kafka::Client::make(options, kafka::Role::kAdmin, "test");
  const auto decided =
      *kafka::Client::make(options, kafka::Role::kConsumer, "test", {{"group.id", options.topic_prefix + group}});
  const auto deadline = Clock::now() + kPatience;
  while (Clock::now() < deadline) {
    const bool records = ends(*all, topic, partitions) == ends(*decided, topic, partitions);
    if (records && (group.empty() || positions_are_decided(*decided, topic, partitions))) return;
    std::this_thread::sleep_for(kBetween);  // Kafka tells nobody when it has marked them
  }
  ADD_FAILURE() << "what was committed to " << stream << " is not decided";
}

std::unique_ptr<TransportBed> make_kafka() { return std::make_unique<KafkaBed>(); }

}  // namespace eddy::host::contract
