// SPDX-License-Identifier: Apache-2.0
// What librdkafka gives out, each with an owner.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>

namespace eddy::host::kafka {

template <auto destroy>
struct CallDestroy {
  template <typename T>
  void operator()(T* handle) const {
    destroy(handle);
  }
};

using TopicHandle = std::unique_ptr<rd_kafka_topic_t, CallDestroy<rd_kafka_topic_destroy>>;
using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, CallDestroy<rd_kafka_topic_partition_list_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, CallDestroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, CallDestroy<rd_kafka_event_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, CallDestroy<rd_kafka_error_destroy>>;
using Headers = std::unique_ptr<rd_kafka_headers_t, CallDestroy<rd_kafka_headers_destroy>>;
using GroupMetadata =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, CallDestroy<rd_kafka_consumer_group_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, CallDestroy<rd_kafka_AdminOptions_destroy>>;
using Metadata = std::unique_ptr<const struct rd_kafka_metadata, CallDestroy<rd_kafka_metadata_destroy>>;

inline PartitionList make_list(std::size_t room = 1) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(room)));
}

// The entries of a list, for a range-based for.
inline std::span<rd_kafka_topic_partition_t> entries(rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

}  // namespace eddy::host::kafka
