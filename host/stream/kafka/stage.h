// SPDX-License-Identifier: Apache-2.0
// What a unit of work writes, copied and sorted by partition, kept until the unit is decided.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/kafka/arena.h"
#include "stream/kafka/topics.h"

namespace eddy::host::kafka {

// Librdkafka sends the bytes from where they are: a stage must not be cleared before its producer has let go of them.
// Not thread-safe. Memory is kept from unit to unit.
class Stage {
 public:
  // What the batch call cannot carry.
  struct Extra {
    std::int64_t timestamp_ms = 0;  // 0: the time of sending
    const Header* headers = nullptr;
    std::size_t header_count = 0;
    bool plain() const { return timestamp_ms == 0 && header_count == 0; }
  };
  // The records for one partition, in order.
  struct Bucket {
    std::uint32_t topic = 0;  // index into topics()
    std::int32_t partition = 0;
    std::vector<rd_kafka_message_t> records;
    std::vector<Extra> extras;
    std::size_t handed = 0;  // to the producer
  };

  Stage(Topics& topics, std::uint32_t first_spread) : topics_(topics), spread_(first_spread) {}

  // Nothing is added on error. `tag` comes back with a failed delivery.
  Result<void> add(StreamId to, const OutRecord& record, void* tag = nullptr);

  // Whether add() would take it.
  Result<void> check(StreamId to, const OutRecord& record);

  bool empty() const { return used_.empty(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t records() const { return records_; }
  std::size_t unhanded_bytes() const { return bytes_ - handed_bytes_; }  // added since handed_over()
  std::size_t unhanded_records() const { return records_ - handed_records_; }
  void handed_over() {
    handed_bytes_ = bytes_;
    handed_records_ = records_;
  }
  std::span<const std::size_t> used() const { return used_; }  // buckets that have records
  Bucket& bucket(std::size_t index) { return buckets_[index]; }
  const Topic& topic(const Bucket& bucket) const { return outputs_[bucket.topic].topic; }

  void hand_over_again();  // all of it
  void clear();            // and lets records without a key go to another partition

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Output {
    Topic topic;
    std::uint32_t seen = 0;            // version of the topics when it was looked up
    std::vector<std::size_t> buckets;  // by partition
  };

  Result<Output*> output(StreamId to);
  Result<void> check_limits(const Topic& topic, const OutRecord& record, std::size_t size);
  Result<std::uint32_t> choose_partition(const Output& output, const OutRecord& record) const;
  Bucket& bucket_of(Output& output, std::uint32_t partition);
  Extra copy_extra(const OutRecord& record);

  Topics& topics_;
  std::uint32_t spread_;         // where records without a key go, modulo partitions
  std::vector<Output> outputs_;  // by stream id
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> used_;
  Arena arena_;
  std::size_t bytes_ = 0;
  std::size_t records_ = 0;
  std::int64_t now_ms_ = 0;  // looked at now and then: a clock for each record would cost more than its check
  std::size_t handed_bytes_ = 0;
  std::size_t handed_records_ = 0;
};

}  // namespace eddy::host::kafka
