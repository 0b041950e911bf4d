// SPDX-License-Identifier: Apache-2.0
// A worker's end of Kafka: a consumer, a producer, and the unit of work between them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "stream/kafka/consumer.h"
#include "stream/kafka/core.h"
#include "stream/kafka/producer.h"
#include "stream/kafka/stage.h"
#include "stream/transport.h"

namespace eddy::host::kafka {

// As eddy::host::Session says.
class KafkaSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> open(std::shared_ptr<Core> core, const SessionSpec& spec);
  ~KafkaSession() override;

  Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) override;
  Result<void> write(StreamId to, const OutRecord& record) override;
  Result<void> check(StreamId to, const OutRecord& record) override { return stage_.check(to, record); }
  void end(std::uint32_t partition, std::int64_t offset, Outcome outcome) override;
  void hold(const Record& record, const Wait& wait) override;
  Result<void> commit() override;
  Result<void> abort() override;
  void pause() override { consumer_->pause(true); }
  void resume() override { consumer_->pause(false); }
  void pause(std::uint32_t partition) override { consumer_->pause(partition, true); }
  void resume(std::uint32_t partition) override { consumer_->pause(partition, false); }
  std::span<const std::uint32_t> lost() const override { return consumer_->lost(); }
  void wake() override { consumer_->wake(); }

 private:
  bool must_abort() const { return must_abort_ || consumer_->unit_lost(); }
  // How far the unit's transaction is.
  enum class Phase : std::uint8_t { kNone, kBegun, kPositions, kDeciding };

  KafkaSession(std::shared_ptr<Core> core, const SessionSpec& spec, Topic source);
  Result<void> connect();
  Result<void> open_producer();
  void look_at_source();
  bool transactional() const { return spec_.delivery == Delivery::kExactlyOnce; }
  void hand_over_early();
  Result<void> begin();
  Result<void> transact();
  Result<void> deliver();
  Error fail(Error error);
  void drop_producer();
  Result<void> recover();

  const std::shared_ptr<Core> core_;
  const SessionSpec spec_;
  const std::string source_;  // topic
  std::uint32_t source_partitions_;
  std::uint32_t topics_seen_;  // version
  Stage stage_;                // outlives the producer, which sends from it
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Consumer> consumer_;
  Phase phase_ = Phase::kNone;
  std::optional<Error> undelivered_;  // of what was sent before the commit, without a transaction
  bool must_abort_ = false;
  bool must_reload_ = false;  // what is committed is not known here
};

}  // namespace eddy::host::kafka
