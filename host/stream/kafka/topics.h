// SPDX-License-Identifier: Apache-2.0
// The streams that this transport has met, each a topic.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/kafka/cluster.h"
#include "stream/kafka/kafka.h"
#include "stream/transport.h"

namespace eddy::host::kafka {

struct Topic {
  StreamId id{};
  std::string stream;            // the topic's name without the prefix
  std::string name;              // the topic's name
  std::uint32_t partitions = 0;  // never falls
  std::size_t batch_limit = 0;   // the broker's limit for one batch of records as it is sent (max.message.bytes)
  std::size_t record_limit = 0;  // key + value + headers of one record
  TimeLimits time;
};

// Thread-safe. Asks the cluster when it has not met a stream, and when it is told to.
class Topics {
 public:
  // Both must outlive it.
  Topics(const KafkaOptions& options, Cluster& cluster) : options_(options), cluster_(cluster) {}

  Result<Topic> ensure(const StreamSpec& spec);
  Result<Topic> find(std::string_view stream);  // kBadData, with the names there are, when there is none
  Result<Topic> find(StreamId id) const;
  // All topics that bear the prefix.
  Result<std::vector<TopicPartitions>> list();
  std::string_view stream_of(std::string_view topic) const { return topic.substr(options_.topic_prefix.size()); }

  // Looks at what is known again: others may have raised partitions or changed limits.
  Result<void> refresh();
  // Records were refused by the topic although its known limits allow them: for their size, or for their time.
  void learn_too_large(const std::string& topic, std::size_t bytes);
  void learn_bad_time(const std::string& topic);

  // Another value: partitions or limits have changed.
  std::uint32_t version() const { return version_.load(std::memory_order_acquire); }
  // The smallest batch limit of all: no client sends larger batches.
  std::size_t smallest_batch_limit() const;

 private:
  Result<Topic> look(const std::string& stream, const std::string& name, std::uint32_t partitions);
  Topic& put(const std::string& stream, const std::string& name, std::uint32_t partitions,
             const TopicSettings& settings);
  void set_limit(Topic& topic, std::size_t batch_limit);
  void set_time(Topic& topic, const TimeLimits& time);
  Topic* known(const std::string& name);
  Result<std::uint32_t> wait_until_there(const std::string& name, std::uint32_t partitions);
  Result<void> make(const StreamSpec& spec, const std::string& name);
  Error unknown(std::string_view stream);

  const KafkaOptions& options_;
  Cluster& cluster_;
  std::atomic<std::uint32_t> version_{1};
  mutable std::mutex mutex_;
  std::deque<Topic> topics_;  // under the mutex; by id, from 1
};

}  // namespace eddy::host::kafka
