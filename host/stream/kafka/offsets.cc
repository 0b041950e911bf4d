// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/offsets.h"

namespace eddy::host::kafka {

Result<void> look_up(const Client& client, rd_kafka_topic_partition_list_t& list, std::int64_t time,
                     std::chrono::milliseconds timeout) {
  const auto failed = [&](const char* topic, rd_kafka_resp_err_t code) {
    return client.explain({"reading the ends of", topic, {}, {}, "Describe"}, code);
  };
  for (rd_kafka_topic_partition_t& entry : entries(list)) entry.offset = time;
  if (list.cnt == 0) return {};
  const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client.get(), &list, static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(list.elems[0].topic, code);
  for (const rd_kafka_topic_partition_t& entry : entries(list)) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(entry.topic, entry.err);
  }
  return {};
}

}  // namespace eddy::host::kafka
