// SPDX-License-Identifier: Apache-2.0
// Where partitions begin and end.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"
#include "stream/kafka/client.h"
#include "stream/kafka/handles.h"

namespace eddy::host::kafka {

// As ListOffsets counts times. The end is the last stable offset for clients that read committed records only.
inline constexpr std::int64_t kEnd = -1;
inline constexpr std::int64_t kBegin = -2;

// Fills in the offsets of all entries at `time`, with one request to each broker. Librdkafka's own call for watermarks
// asks twice for each partition, and 2.0.2 mixes the two answers up now and then.
Result<void> look_up(const Client& client, rd_kafka_topic_partition_list_t& list, std::int64_t time,
                     std::chrono::milliseconds timeout);

}  // namespace eddy::host::kafka
