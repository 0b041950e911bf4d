// SPDX-License-Identifier: Apache-2.0
// What the host asks of a Kafka cluster outside the data path: topics, their settings, their ends, a group's offsets.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/kafka/client.h"
#include "stream/transport.h"

namespace eddy::host::kafka {

struct TopicPartitions {
  std::string topic;
  std::uint32_t partitions = 0;
};

// How far a record's time may be from the broker's.
struct TimeLimits {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  std::int64_t before_ms = kNone;
  std::int64_t after_ms = kNone;
  bool operator==(const TimeLimits&) const = default;
};

// Of one topic; what the cluster does not tell stays away.
struct TopicSettings {
  std::optional<std::size_t> max_message_bytes;
  std::optional<std::int64_t> retention_ms;  // -1: for ever
  std::optional<TimeLimits> time;
};

struct Extent {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct GroupOffset {
  std::int64_t offset = -1;  // none committed
  std::string metadata;
};

// Thread-safe. Each call asks the cluster, and waits at most ten seconds for it.
class Cluster {
 public:
  // kUnavailable when no broker answers in that time.
  static Result<std::unique_ptr<Cluster>> connect(const KafkaOptions& options);

  Result<std::vector<TopicPartitions>> topics();
  // Nothing when there is no such topic, or not yet with all its leaders.
  Result<std::optional<std::uint32_t>> partitions(const std::string& topic);
  // True: made now; false: it was there.
  Result<bool> create(const std::string& topic, const StreamSpec& spec);
  Result<void> raise(const std::string& topic, std::uint32_t partitions);
  // In the order of the names. A topic whose settings may not be read has none.
  Result<std::vector<TopicSettings>> settings(std::span<const std::string> topics);
  // By topic, by partition.
  Result<std::vector<std::vector<Extent>>> extents(std::span<const TopicPartitions> topics);
  Result<std::vector<std::int64_t>> ends(const TopicPartitions& topic);  // by partition
  // By partition. Waits shortly for units that are just being committed.
  Result<std::vector<GroupOffset>> offsets(const std::string& group, const TopicPartitions& topic);

  const std::string& brokers() const { return brokers_; }
  const Client& client() const { return *client_; }

 private:
  Cluster(std::unique_ptr<Client> client, std::string brokers)
      : client_(std::move(client)), brokers_(std::move(brokers)) {}
  Result<Metadata> metadata(rd_kafka_topic_t* topic, std::chrono::milliseconds timeout);
  Result<Event> wait_for(rd_kafka_queue_t& queue, const Act& act);
  Result<void> topic_results(rd_kafka_queue_t& queue, const Act& act, rd_kafka_resp_err_t harmless, bool& harmed);
  Result<std::optional<std::vector<GroupOffset>>> offsets_once(const std::string& group, const TopicPartitions& topic,
                                                               bool stable);

  const std::unique_ptr<Client> client_;
  const std::string brokers_;
};

}  // namespace eddy::host::kafka
