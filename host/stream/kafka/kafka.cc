// SPDX-License-Identifier: Apache-2.0
// The Kafka transport: wires the parts together.
#include "stream/kafka/kafka.h"

#include <algorithm>

#include "stream/kafka/appender.h"
#include "stream/kafka/browser.h"
#include "stream/kafka/core.h"
#include "stream/kafka/session.h"
#include "stream/kafka/times.h"
#include "stream/progress.h"

namespace eddy::host {

namespace kafka {

namespace {

Position position_of(std::uint32_t partition, const Extent& extent, const GroupOffset& offset) {
  Position position;
  position.partition = partition;
  position.begin = position.committed = extent.begin;
  position.end = extent.end;
  if (offset.offset < 0) return position;
  position.committed = std::max(extent.begin, offset.offset);
  if (const auto progress = Progress::decode(offset.offset, offset.metadata)) {
    position.tally = progress->tally();
    position.held = static_cast<std::uint32_t>(progress->held().size());
  }
  return position;
}

class KafkaTransport final : public Transport {
 public:
  explicit KafkaTransport(std::shared_ptr<Core> core)
      : core_(std::move(core)), appender_(core_->options, core_->topics) {}

  Result<StreamId> ensure_stream(const StreamSpec& spec) override {
    EDDY_ASSIGN(const Topic topic, core_->topics.ensure(spec));
    return topic.id;
  }

  Result<StreamId> find_stream(std::string_view name) override {
    EDDY_ASSIGN(const Topic topic, core_->topics.find(name));
    return topic.id;
  }

  Result<std::vector<StreamInfo>> list_streams() override {
    EDDY_ASSIGN(const auto topics, core_->topics.list());
    std::vector<std::string> names;
    for (const TopicPartitions& topic : topics) names.push_back(topic.topic);
    EDDY_ASSIGN(const auto settings, core_->cluster->settings(names));
    EDDY_ASSIGN(const auto extents, core_->cluster->extents(topics));
    std::vector<StreamInfo> infos(topics.size());
    for (std::size_t i = 0; i < topics.size(); ++i) {
      infos[i].name = core_->topics.stream_of(topics[i].topic);
      infos[i].partitions = topics[i].partitions;
      const std::int64_t retention_ms = settings[i].retention_ms.value_or(-1);
      infos[i].retention_days = retention_ms < 0 ? 0 : static_cast<std::uint32_t>(retention_ms / kMillisecondsPerDay);
      for (const Extent& extent : extents[i]) infos[i].records += static_cast<std::uint64_t>(extent.end - extent.begin);
    }
    return infos;
  }

  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override {
    EDDY_ASSIGN(const Topic found, core_->topics.find(stream));
    EDDY_ASSIGN(const auto partitions, core_->cluster->partitions(found.name));
    const TopicPartitions topic{found.name, partitions.value_or(found.partitions)};
    EDDY_ASSIGN(const auto offsets, core_->cluster->offsets(core_->options.topic_prefix + std::string(group), topic));
    EDDY_ASSIGN(const auto extents, core_->cluster->extents({&topic, 1}));
    std::vector<Position> positions;
    for (std::uint32_t partition = 0; partition < topic.partitions; ++partition) {
      positions.push_back(position_of(partition, extents[0][partition], offsets[partition]));
    }
    return positions;
  }

  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override {
    return KafkaSession::open(core_, spec);
  }

  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override {
    return KafkaBrowser::open(core_, stream);
  }

  Result<void> append(StreamId to, std::span<const OutRecord> records) override {
    return appender_.append(to, records);
  }

  std::size_t max_record_bytes(StreamId stream) const override {
    const auto topic = core_->topics.find(stream);
    return topic ? topic->record_limit : 0;
  }

  // The brokers delete; the host learns here what others have changed.
  Result<std::uint64_t> apply_retention(std::int64_t) override {
    EDDY_TRY(core_->topics.refresh());
    return std::uint64_t{0};
  }

 private:
  const std::shared_ptr<Core> core_;
  Appender appender_;
};

Result<void> check(const KafkaOptions& options) {
  if (options.brokers.empty()) {
    return Error{Code::kConfig, "streams.kafka.brokers is empty: expected one \"host:port\" at least"};
  }
  if (options.host_id.empty()) return Error{Code::kInternal, "the Kafka transport needs the host's id"};
  return {};
}

}  // namespace

}  // namespace kafka

Result<std::unique_ptr<Transport>> open_kafka(const KafkaOptions& options) {
  EDDY_TRY(kafka::check(options));
  EDDY_ASSIGN(auto cluster, kafka::Cluster::connect(options));
  return std::unique_ptr<Transport>(
      new kafka::KafkaTransport(std::make_shared<kafka::Core>(options, std::move(cluster))));
}

}  // namespace eddy::host
