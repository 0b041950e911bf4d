// SPDX-License-Identifier: Apache-2.0
// Reads a topic without a group.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "stream/kafka/arena.h"
#include "stream/kafka/client.h"
#include "stream/kafka/core.h"
#include "stream/kafka/message.h"
#include "stream/kafka/signal.h"
#include "stream/transport.h"

namespace eddy::host::kafka {

// As eddy::host::Browser says. What stands in an open transaction is not there yet; one that is just being decided is
// waited for, so that what a session has committed is seen.
class KafkaBrowser final : public Browser {
 public:
  static Result<std::unique_ptr<Browser>> open(std::shared_ptr<Core> core, std::string_view stream);
  ~KafkaBrowser() override;

  Result<std::span<const Record>> read(std::uint32_t partition, std::int64_t offset, std::size_t max_records) override;
  void wait(std::chrono::milliseconds wait) override;

 private:
  KafkaBrowser(std::shared_ptr<Core> core, Topic topic, std::unique_ptr<Client> client);
  Result<void> check(std::uint32_t partition);
  Result<bool> position(std::uint32_t partition, std::int64_t offset);
  Result<bool> at_end(bool patient);
  Result<std::int64_t> look(std::uint32_t partition, std::int64_t time);
  void stop();
  Result<void> take(std::size_t max_records);

  const std::shared_ptr<Core> core_;
  TopicPartitions topic_;
  std::unique_ptr<Client> client_;
  Queue queue_;
  Signal arrival_;
  Signal never_;
  std::int32_t partition_ = -1;     // being fetched; none: -1
  std::uint32_t waiting_ = 0;       // the partition of the last read
  std::int64_t from_ = 0;           // one above the last record given, or where reading began
  std::int64_t next_ = 0;           // the fetcher has given all below
  bool end_reached_ = false;        // at next_
  std::vector<std::int64_t> ends_;  // by partition, as last seen; growth is counted from there
  std::vector<rd_kafka_message_t*> raw_;
  std::vector<Message> messages_;
  std::vector<Record> records_;
  Arena scratch_;
};

}  // namespace eddy::host::kafka
