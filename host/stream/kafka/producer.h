// SPDX-License-Identifier: Apache-2.0
// Sends stages to the brokers, in transactions or without.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/kafka/client.h"
#include "stream/kafka/stage.h"
#include "stream/kafka/topics.h"

namespace eddy::host::kafka {

struct ProducerSpec {
  std::string where;             // for log lines
  std::string transactional_id;  // empty: idempotent, without transactions
  std::chrono::milliseconds transaction_timeout{60'000};
};

// Not thread-safe. After an error remedy() says what helps.
class Producer {
 public:
  // With a transactional id: ends what a predecessor of the same id has left open, and waits until that is decided.
  static Result<std::unique_ptr<Producer>> open(const KafkaOptions& options, Topics& topics, const ProducerSpec& spec);
  ~Producer();

  // What it has not handed over yet. The stage must stay as it is until a flush, commit or abort has succeeded, or the
  // producer is gone.
  Result<void> hand_over(Stage& stage);
  // Until all is delivered.
  Result<void> flush(std::chrono::milliseconds timeout);
  // Gives up what is not delivered; true: librdkafka has let go of all of it.
  bool purge(std::chrono::milliseconds timeout);

  Result<void> begin();
  Result<void> send_offsets(const rd_kafka_topic_partition_list_t& offsets,
                            const rd_kafka_consumer_group_metadata_t& group, std::chrono::milliseconds timeout);
  Result<void> commit(std::chrono::milliseconds timeout);
  Result<void> abort(std::chrono::milliseconds timeout);

  Remedy remedy() const { return remedy_; }
  // Tags of the records whose delivery failed since this was last asked.
  std::vector<void*> take_undelivered_tags();
  // Larger batches than the smallest topic takes would be sent: a new producer is needed.
  bool outdated() const { return topics_.smallest_batch_limit() < batch_limit_; }

 private:
  struct Undelivered {
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string topic;
    std::size_t bytes = 0;  // of the largest
    std::size_t records = 0;
    std::vector<void*> tags;
  };
  struct Target {
    TopicHandle handle;
    std::uint32_t partitions = 0;  // known to librdkafka
  };

  Producer(const KafkaOptions& options, Topics& topics, const ProducerSpec& spec, std::size_t batch_limit);
  Result<void> connect(const KafkaOptions& options);
  Result<rd_kafka_topic_t*> target(const Topic& topic);
  Result<void> refresh(Target& target, const Topic& topic);
  Result<void> make_room(std::size_t records, std::size_t bytes);
  Result<void> hand_over(Stage& stage, Stage::Bucket& bucket);
  rd_kafka_resp_err_t send_batch(rd_kafka_topic_t* topic, Stage::Bucket& bucket, std::size_t end);
  rd_kafka_resp_err_t send_one(rd_kafka_topic_t* topic, Stage::Bucket& bucket);
  Result<void> check_undelivered();
  void note_undelivered(const rd_kafka_message_t& message);
  Error fail(Remedy remedy, Error error);
  std::string written_topics() const;
  Result<void> check(rd_kafka_error_t* error, std::string_view doing);

  Topics& topics_;
  const ProducerSpec spec_;
  const std::size_t batch_limit_;
  std::size_t most_records_ = 0;  // in librdkafka's queue
  std::size_t most_bytes_ = 0;
  std::size_t queued_bytes_ = 0;  // handed over since the queue was last seen empty
  Remedy remedy_ = Remedy::kRetry;
  std::mutex mutex_;
  Undelivered undelivered_;  // under the mutex
  std::unique_ptr<Client> client_;
  std::map<std::uint32_t, Target> targets_;  // by stream id; goes before the client
};

}  // namespace eddy::host::kafka
