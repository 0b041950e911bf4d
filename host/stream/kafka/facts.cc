// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/facts.h"

#include <charconv>
#include <chrono>

#include "stream/kafka/admin_options.h"

namespace eddy::host::kafka {

namespace {

Event next(rd_kafka_queue_t& queue) { return Event(rd_kafka_queue_poll(&queue, ms(kPatience) + 500)); }

Configs configs_of(const rd_kafka_ConfigResource_t& resource) {
  Configs configs;
  if (rd_kafka_ConfigResource_error(&resource) != RD_KAFKA_RESP_ERR_NO_ERROR) return configs;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** found = rd_kafka_ConfigResource_configs(&resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(found[i]);
    if (value != nullptr) configs[rd_kafka_ConfigEntry_name(found[i])] = value;
  }
  return configs;
}

// By name. What may not be read is left out.
std::map<std::string, Configs> describe(rd_kafka_t* client, rd_kafka_ResourceType_t type,
                                        std::span<const std::string> names) {
  std::map<std::string, Configs> all;
  std::vector<rd_kafka_ConfigResource_t*> wanted;
  for (const std::string& name : names) wanted.push_back(rd_kafka_ConfigResource_new(type, name.c_str()));
  if (wanted.empty()) return all;
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(client, wanted.data(), wanted.size(), options.get(), queue.get());
  rd_kafka_ConfigResource_destroy_array(wanted.data(), wanted.size());
  const Event event = next(*queue);
  const rd_kafka_DescribeConfigs_result_t* result =
      event != nullptr ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  if (result == nullptr) return all;
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** found = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (std::size_t i = 0; i < count; ++i) all[rd_kafka_ConfigResource_name(found[i])] = configs_of(*found[i]);
  return all;
}

// Who may not read the brokers' settings has met an authorizer.
bool is_secured(const Configs& broker) { return broker.empty() || !text_of(broker, "authorizer.class.name").empty(); }

Result<Metadata> metadata(const Cluster& cluster, rd_kafka_topic_t* topic) {
  rd_kafka_t* const client = cluster.client().get();
  const struct rd_kafka_metadata* found = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, topic, &found, ms(kPatience));
  rd_kafka_poll(client, 0);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata(found);
  return cluster.client().explain({"asking for metadata", {}, {}, {}, "Describe"}, code);
}

Result<TopicFacts> look_at(const Cluster& cluster, const std::string& topic) {
  TopicFacts facts;
  facts.topic = topic;
  const TopicHandle handle(rd_kafka_topic_new(cluster.client().get(), topic.c_str(), nullptr));
  if (handle == nullptr) return cluster.client().explain({"looking for", topic, {}, {}, {}}, rd_kafka_last_error());
  EDDY_ASSIGN(const Metadata found, metadata(cluster, handle.get()));
  if (found->topic_cnt != 1) return facts;
  const rd_kafka_metadata_topic& it = found->topics[0];
  if (it.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) facts.state = TopicFacts::State::kHidden;
  if (it.err != RD_KAFKA_RESP_ERR_NO_ERROR || it.partition_cnt == 0) return facts;
  facts.state = TopicFacts::State::kThere;
  facts.partitions = static_cast<std::uint32_t>(it.partition_cnt);
  facts.replicas = static_cast<std::uint32_t>(it.partitions[0].replica_cnt);
  return facts;
}

}  // namespace

std::string_view text_of(const Configs& configs, std::string_view name) {
  const auto found = configs.find(name);
  return found != configs.end() ? std::string_view(found->second) : std::string_view();
}

std::optional<std::int64_t> number_of(const Configs& configs, std::string_view name) {
  const std::string_view digits = text_of(configs, name);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
}

Result<ClusterFacts> look(Cluster& cluster, std::span<const std::string> topics) {
  rd_kafka_t* const client = cluster.client().get();
  ClusterFacts facts;
  EDDY_ASSIGN(const Metadata found, metadata(cluster, nullptr));
  facts.brokers = static_cast<std::size_t>(found->broker_cnt);
  if (found->broker_cnt > 0) {
    const std::string id = std::to_string(found->brokers[0].id);
    facts.broker = describe(client, RD_KAFKA_RESOURCE_BROKER, {&id, 1})[id];
  }
  facts.secured = is_secured(facts.broker);
  std::vector<std::string> there;
  for (const std::string& topic : topics) {
    EDDY_ASSIGN(TopicFacts one, look_at(cluster, topic));
    if (one.state == TopicFacts::State::kThere) there.push_back(topic);
    facts.topics.push_back(std::move(one));
  }
  auto configs = describe(client, RD_KAFKA_RESOURCE_TOPIC, there);
  for (TopicFacts& topic : facts.topics) topic.configs = std::move(configs[topic.topic]);
  return facts;
}

}  // namespace eddy::host::kafka
