// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <thread>

#include "stream/kafka/admin_options.h"
#include "stream/kafka/offsets.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;

// max.message.bytes of a topic that nothing is said about.
constexpr std::size_t kDefaultLimit = 1'048'588;
constexpr milliseconds kSlice{500};

template <typename T>
std::optional<T> number(const char* text) {
  T value = 0;
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return parsed.ec == std::errc() ? std::optional<T>(value) : std::nullopt;
}

TopicSettings settings_of(const rd_kafka_ConfigResource_t& resource) {
  TopicSettings settings;
  TimeLimits time;
  bool brokers_time = false;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** found = rd_kafka_ConfigResource_configs(&resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigEntry_name(found[i]);
    const char* value = rd_kafka_ConfigEntry_value(found[i]);
    const std::int64_t ms_value = number<std::int64_t>(value).value_or(TimeLimits::kNone);
    if (name == "max.message.bytes") settings.max_message_bytes = number<std::size_t>(value);
    if (name == "retention.ms") settings.retention_ms = number<std::int64_t>(value);
    if (name == "message.timestamp.type") brokers_time = value != nullptr && std::string_view(value) == "LogAppendTime";
    // Before Kafka 3.6 one limit for both.
    if (name.ends_with("before.max.ms") || name.ends_with("difference.max.ms")) {
      time.before_ms = std::min(time.before_ms, ms_value);
    }
    if (name.ends_with("after.max.ms") || name.ends_with("difference.max.ms")) {
      time.after_ms = std::min(time.after_ms, ms_value);
    }
  }
  settings.time = brokers_time ? TimeLimits() : time;
  return settings;
}

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::connect(const KafkaOptions& options) {
  // Librdkafka up to 2.0.2 at least takes a client without a group for one when a group's coordinator has moved, and
  // crashes (confluentinc/librdkafka issue 5040).
  const Settings own{{"group.id", options.topic_prefix + "eddy-admin"}};
  EDDY_ASSIGN(auto client, Client::make(options, Role::kAdmin, "kafka", own));
  std::unique_ptr<Cluster> cluster(new Cluster(std::move(client), options.brokers));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto found = cluster->metadata(nullptr, kSlice);
    if (found) return cluster;
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error{found.error().code, found.error().text};
    }
  }
}

// Without a topic: the brokers alone.
Result<Metadata> Cluster::metadata(rd_kafka_topic_t* topic, milliseconds timeout) {
  const struct rd_kafka_metadata* found = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_->get(), 0, topic, &found, ms(timeout));
  rd_kafka_poll(client_->get(), 0);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata(found);
  return client_->explain(
      {"asking for metadata", topic != nullptr ? rd_kafka_topic_name(topic) : "", {}, {}, "Describe"}, code);
}

Result<std::vector<TopicPartitions>> Cluster::topics() {
  const struct rd_kafka_metadata* found = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_->get(), 1, nullptr, &found, ms(kPatience));
  rd_kafka_poll(client_->get(), 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->explain({"listing the topics", {}, {}, {}, "Describe"}, code);
  const Metadata owner(found);
  std::vector<TopicPartitions> topics;
  for (int i = 0; i < found->topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = found->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || topic.partition_cnt == 0) continue;
    topics.push_back({topic.topic, static_cast<std::uint32_t>(topic.partition_cnt)});
  }
  return topics;
}

Result<std::optional<std::uint32_t>> Cluster::partitions(const std::string& topic) {
  const TopicHandle handle(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr));
  if (handle == nullptr) return client_->explain({"looking for", topic, {}, {}, {}}, rd_kafka_last_error());
  EDDY_ASSIGN(const Metadata found, metadata(handle.get(), kPatience));
  if (found->topic_cnt != 1) return std::optional<std::uint32_t>();
  const rd_kafka_metadata_topic& it = found->topics[0];
  switch (it.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      return std::optional<std::uint32_t>();
    default:
      return client_->explain({"looking for", topic, {}, {}, "Describe"}, it.err);
  }
  for (int i = 0; i < it.partition_cnt; ++i) {
    if (it.partitions[i].leader < 0) return std::optional<std::uint32_t>();
  }
  if (it.partition_cnt == 0) return std::optional<std::uint32_t>();
  return std::optional<std::uint32_t>(static_cast<std::uint32_t>(it.partition_cnt));
}

Result<Event> Cluster::wait_for(rd_kafka_queue_t& queue, const Act& act) {
  Event event(rd_kafka_queue_poll(&queue, ms(kPatience + kSlice)));
  rd_kafka_poll(client_->get(), 0);
  if (event == nullptr) return client_->explain(act, RD_KAFKA_RESP_ERR__TIMED_OUT);
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->explain(act, code, rd_kafka_event_error_string(event.get()));
  return event;
}

Result<void> Cluster::topic_results(rd_kafka_queue_t& queue, const Act& act, rd_kafka_resp_err_t harmless,
                                    bool& harmed) {
  EDDY_ASSIGN(const Event event, wait_for(queue, act));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = nullptr;
  if (const auto* created = rd_kafka_event_CreateTopics_result(event.get())) {
    results = rd_kafka_CreateTopics_result_topics(created, &count);
  } else if (const auto* raised = rd_kafka_event_CreatePartitions_result(event.get())) {
    results = rd_kafka_CreatePartitions_result_topics(raised, &count);
  }
  harmed = false;
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    harmed = true;
    if (code == harmless) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return client_->explain(act, code, text != nullptr ? text : "");
  }
  return {};
}

Result<bool> Cluster::create(const std::string& topic, const StreamSpec& spec) {
  char text[256];
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(spec.partitions),
                                                      static_cast<int>(spec.replication), text, sizeof(text));
  if (wanted == nullptr) return Error{Code::kBadData, fmt::format("topic '{}' cannot be created: {}", topic, text)};
  const std::unique_ptr<rd_kafka_NewTopic_t, CallDestroy<rd_kafka_NewTopic_destroy>> owner(wanted);
  const std::int64_t retention_ms =
      spec.retention_days == 0 ? -1 : std::int64_t{spec.retention_days} * kMillisecondsPerDay;
  rd_kafka_NewTopic_set_config(wanted, "retention.ms", std::to_string(retention_ms).c_str());
  if (spec.compacted) rd_kafka_NewTopic_set_config(wanted, "cleanup.policy", "compact");
  if (spec.max_record_bytes > kDefaultLimit) {
    rd_kafka_NewTopic_set_config(wanted, "max.message.bytes", std::to_string(spec.max_record_bytes).c_str());
  }
  const Queue queue(rd_kafka_queue_new(client_->get()));
  const AdminOptions options = options_for(client_->get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(client_->get(), &wanted, 1, options.get(), queue.get());
  bool there = false;
  EDDY_TRY(topic_results(*queue, {"creating", topic, {}, {}, "Create"}, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, there));
  return !there;
}

Result<void> Cluster::raise(const std::string& topic, std::uint32_t partitions) {
  char text[256];
  rd_kafka_NewPartitions_t* wanted = rd_kafka_NewPartitions_new(topic.c_str(), partitions, text, sizeof(text));
  if (wanted == nullptr) return Error{Code::kBadData, fmt::format("topic '{}' cannot be enlarged: {}", topic, text)};
  const std::unique_ptr<rd_kafka_NewPartitions_t, CallDestroy<rd_kafka_NewPartitions_destroy>> owner(wanted);
  const Queue queue(rd_kafka_queue_new(client_->get()));
  const AdminOptions options = options_for(client_->get(), RD_KAFKA_ADMIN_OP_CREATEPARTITIONS);
  rd_kafka_CreatePartitions(client_->get(), &wanted, 1, options.get(), queue.get());
  bool there = false;
  // Invalid partitions: another process has raised them meanwhile.
  return topic_results(*queue, {"raising the partitions of", topic, {}, {}, "Alter"},
                       RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, there);
}

Result<std::vector<TopicSettings>> Cluster::settings(std::span<const std::string> topics) {
  std::vector<TopicSettings> all(topics.size());
  if (topics.empty()) return all;
  std::map<std::string_view, TopicSettings*> by_name;
  std::vector<rd_kafka_ConfigResource_t*> wanted;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    by_name[topics[i]] = &all[i];
    wanted.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i].c_str()));
  }
  const Queue queue(rd_kafka_queue_new(client_->get()));
  const AdminOptions options = options_for(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(client_->get(), wanted.data(), wanted.size(), options.get(), queue.get());
  rd_kafka_ConfigResource_destroy_array(wanted.data(), wanted.size());
  EDDY_ASSIGN(const Event event, wait_for(*queue, {"reading the settings of topics", {}, {}, {}, "DescribeConfigs"}));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(found[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const auto at = by_name.find(rd_kafka_ConfigResource_name(found[i]));
    if (at != by_name.end()) *at->second = settings_of(*found[i]);
  }
  return all;
}

Result<std::vector<std::vector<Extent>>> Cluster::extents(std::span<const TopicPartitions> topics) {
  const PartitionList list = make_list();
  std::map<std::string_view, std::vector<Extent>*> by_name;
  std::vector<std::vector<Extent>> all(topics.size());
  for (std::size_t i = 0; i < topics.size(); ++i) {
    all[i].resize(topics[i].partitions);
    by_name[topics[i].topic] = &all[i];
    for (std::uint32_t partition = 0; partition < topics[i].partitions; ++partition) {
      rd_kafka_topic_partition_list_add(list.get(), topics[i].topic.c_str(), static_cast<std::int32_t>(partition));
    }
  }
  if (list->cnt == 0) return all;
  const auto at = [&](const rd_kafka_topic_partition_t& entry) -> Extent& {
    return (*by_name.at(entry.topic))[static_cast<std::size_t>(entry.partition)];
  };
  EDDY_TRY(look_up(*client_, *list, kBegin, kPatience));
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) at(entry).begin = entry.offset;
  EDDY_TRY(look_up(*client_, *list, kEnd, kPatience));
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) at(entry).end = entry.offset;
  return all;
}

Result<std::vector<std::int64_t>> Cluster::ends(const TopicPartitions& topic) {
  const PartitionList list = make_list(topic.partitions);
  for (std::uint32_t partition = 0; partition < topic.partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), topic.topic.c_str(), static_cast<std::int32_t>(partition));
  }
  EDDY_TRY(look_up(*client_, *list, kEnd, kPatience));
  std::vector<std::int64_t> ends(topic.partitions);
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) {
    ends[static_cast<std::size_t>(entry.partition)] = entry.offset;
  }
  return ends;
}

Result<std::vector<GroupOffset>> Cluster::offsets(const std::string& group, const TopicPartitions& topic) {
  constexpr int kTries = 40;
  constexpr milliseconds kBetween{25};
  // A unit counts as soon as it is decided; the cluster says so a moment later. One that nobody decides must not keep
  // operators from seeing the rest.
  for (int i = 0; i < kTries; ++i) {
    EDDY_ASSIGN(auto found, offsets_once(group, topic, true));
    if (found) return *std::move(found);
    std::this_thread::sleep_for(kBetween);
  }
  EDDY_ASSIGN(auto found, offsets_once(group, topic, false));
  if (found) return *std::move(found);
  return client_->explain({"reading the positions of", topic.topic, group, {}, "Describe"},
                          RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT);
}

// Nothing while a unit is being decided.
Result<std::optional<std::vector<GroupOffset>>> Cluster::offsets_once(const std::string& group,
                                                                      const TopicPartitions& topic, bool stable) {
  const Act act{"reading the positions of", topic.topic, group, {}, "Describe"};
  const PartitionList list = make_list(topic.partitions);
  for (std::uint32_t partition = 0; partition < topic.partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), topic.topic.c_str(), static_cast<std::int32_t>(partition));
  }
  rd_kafka_ListConsumerGroupOffsets_t* wanted = rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get());
  const std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, CallDestroy<rd_kafka_ListConsumerGroupOffsets_destroy>>
      owner(wanted);
  const AdminOptions options = options_for(client_->get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  const KafkaError ignored(rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), stable ? 1 : 0));
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_ListConsumerGroupOffsets(client_->get(), &wanted, 1, options.get(), queue.get());
  EDDY_ASSIGN(const Event event, wait_for(*queue, act));
  std::size_t count = 0;
  const rd_kafka_group_result_t** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  std::vector<GroupOffset> all(topic.partitions);
  if (count == 0) return std::optional(std::move(all));
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(results[0])) {
    if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
      return std::optional<std::vector<GroupOffset>>();
    return client_->explain(act, *error);
  }
  const rd_kafka_topic_partition_list_t* found = rd_kafka_group_result_partitions(results[0]);
  for (int i = 0; found != nullptr && i < found->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = found->elems[i];
    if (entry.err == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT) return std::optional<std::vector<GroupOffset>>();
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->explain(act, entry.err);
    GroupOffset& offset = all[static_cast<std::size_t>(entry.partition)];
    offset.offset = entry.offset;
    offset.metadata.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
  }
  return std::optional(std::move(all));
}

}  // namespace eddy::host::kafka
