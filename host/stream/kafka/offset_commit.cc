// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/offset_commit.h"

namespace eddy::host::kafka {

void OffsetCommit::send(const rd_kafka_topic_partition_list_t& offsets) {
  refused_ = rd_kafka_commit_queue(client_.get(), &offsets, answers_.get(), nullptr, nullptr);
  outstanding_ = true;
}

std::optional<rd_kafka_resp_err_t> OffsetCommit::wait(std::chrono::milliseconds timeout) {
  rd_kafka_resp_err_t code = refused_;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Event event(rd_kafka_queue_poll(answers_.get(), static_cast<int>(timeout.count())));
    if (event == nullptr) return std::nullopt;
    code = rd_kafka_event_error(event.get());
    const auto* list = rd_kafka_event_topic_partition_list(event.get());
    for (int i = 0; list != nullptr && i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      code = list->elems[i].err;
    }
  }
  outstanding_ = false;
  return code;
}

}  // namespace eddy::host::kafka
