// SPDX-License-Identifier: Apache-2.0
// A commit of offsets outside a transaction, that may be waited for or not.
#pragma once

#include <chrono>
#include <optional>

#include "stream/kafka/client.h"
#include "stream/kafka/handles.h"

namespace eddy::host::kafka {

// At most one is on its way: a second could overtake it. Not thread-safe.
class OffsetCommit {
 public:
  explicit OffsetCommit(const Client& client) : client_(client), answers_(rd_kafka_queue_new(client.get())) {}

  bool outstanding() const { return outstanding_; }
  // Copies the list. None may be outstanding.
  void send(const rd_kafka_topic_partition_list_t& offsets);
  // The answer to what is outstanding; nothing when none came in time.
  std::optional<rd_kafka_resp_err_t> wait(std::chrono::milliseconds timeout);

 private:
  const Client& client_;
  const Queue answers_;
  bool outstanding_ = false;
  rd_kafka_resp_err_t refused_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // by librdkafka itself
};

}  // namespace eddy::host::kafka
