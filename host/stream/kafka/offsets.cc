// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/offsets.h"

#include <algorithm>
#include <thread>

namespace eddy::host::kafka {

namespace {

// A topic that has just been made, or a leader that has just moved.
bool passing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> look_up(const Client& client, rd_kafka_topic_partition_list_t& list, std::int64_t time,
                     std::chrono::milliseconds timeout) {
  const auto failed = [&](const char* topic, rd_kafka_resp_err_t code) {
    return client.explain({"reading the ends of", topic, {}, {}, "Describe"}, code);
  };
  if (list.cnt == 0) return {};
  constexpr int kTries = 40;
  constexpr std::chrono::milliseconds kBetween{25};
  for (int i = 1;; ++i) {
    for (rd_kafka_topic_partition_t& entry : entries(list)) entry.offset = time;
    const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client.get(), &list, static_cast<int>(timeout.count()));
    const auto bad = std::ranges::find_if(entries(list), [](const auto& entry) { return entry.err != 0; });
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && bad == entries(list).end()) return {};
    const rd_kafka_resp_err_t what = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : bad->err;
    if (i == kTries || !passing(what)) {
      return failed(bad != entries(list).end() ? bad->topic : list.elems[0].topic, what);
    }
    std::this_thread::sleep_for(kBetween);
  }
}

}  // namespace eddy::host::kafka
