// SPDX-License-Identifier: Apache-2.0
#include "contract/kafka_bed.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "stream/kafka/kafka.h"

namespace eddy::host::contract {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool answers(const std::string& brokers) {
  KafkaOptions options;
  options.brokers = brokers;
  options.host_id = "probe";
  return !brokers.empty() && open_kafka(options).ok();
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

 private:
  const KafkaOptions options_ = kafka_options();
};

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

std::unique_ptr<TransportBed> make_kafka() { return std::make_unique<KafkaBed>(); }

}  // namespace eddy::host::contract
