// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/permissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <set>

#include "stream/kafka/admin_options.h"
#include "stream/kafka/message.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kProbePatience{5000};
// The protocol knows -1, 0 and 1: a broker looks who asks, then refuses, and stores nothing.
constexpr const char* kImpossibleAcks = "2";
constexpr std::int64_t kImpossibleTimeout = std::numeric_limits<std::int32_t>::max();

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, CallDestroy<rd_kafka_NewTopic_destroy>>;

std::vector<NewTopic> missing_topics(const KafkaUse& use, const ClusterFacts& facts) {
  std::vector<NewTopic> topics;
  char text[256];
  for (std::size_t i = 0; i < use.streams.size(); ++i) {
    if (facts.topics[i].state != TopicFacts::State::kMissing) continue;
    const StreamSpec& spec = use.streams[i].spec;
    NewTopic topic(rd_kafka_NewTopic_new(facts.topics[i].topic.c_str(), static_cast<int>(spec.partitions),
                                         static_cast<int>(spec.replication), text, sizeof(text)));
    if (topic != nullptr) topics.push_back(std::move(topic));
  }
  return topics;
}

// By topic, what the cluster says to creating these.
std::map<std::string, std::pair<rd_kafka_resp_err_t, std::string>> validate(rd_kafka_t* client,
                                                                            std::span<const NewTopic> topics) {
  std::vector<rd_kafka_NewTopic_t*> wanted;
  for (const NewTopic& topic : topics) wanted.push_back(topic.get());
  char text[128];
  const AdminOptions options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, kProbePatience);
  rd_kafka_AdminOptions_set_validate_only(options.get(), 1, text, sizeof(text));
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, wanted.data(), wanted.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), ms(kProbePatience) + 500));
  std::map<std::string, std::pair<rd_kafka_resp_err_t, std::string>> said;
  const auto* result = event != nullptr ? rd_kafka_event_CreateTopics_result(event.get()) : nullptr;
  if (result == nullptr) return said;
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* detail = rd_kafka_topic_result_error_string(results[i]);
    said[rd_kafka_topic_result_name(results[i])] = {rd_kafka_topic_result_error(results[i]),
                                                    detail != nullptr ? detail : ""};
  }
  return said;
}

}  // namespace

std::string Permissions::allow(std::string_view operations, std::string_view resource) const {
  return fmt::format("kafka-acls --bootstrap-server {} --add --allow-principal User:NAME {} {}", options_.brokers,
                     operations, resource);
}

void Permissions::refused(std::string what, std::string fix) {
  findings_.push_back({std::move(what), std::move(fix), Severity::kError, Code::kConfig});
}

void Permissions::creating() {
  const std::vector<NewTopic> topics = missing_topics(use_, facts_);
  if (topics.empty() || !options_.create_topics) return;
  for (const auto& [topic, said] : validate(cluster_.client().get(), topics)) {
    const auto& [code, detail] = said;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
        code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
      refused(fmt::format("topic '{}' is not there, and may not be created", topic),
              allow("--operation Create", "--topic " + topic));
    } else {
      findings_.push_back(finding_of(cluster_.client().explain({"creating", topic, {}, {}, "Create"}, code, detail)));
    }
  }
}

void Permissions::describing() {
  bool configs_hidden = false;
  for (std::size_t i = 0; i < use_.streams.size(); ++i) {
    const TopicFacts& topic = facts_.topics[i];
    configs_hidden |= topic.state == TopicFacts::State::kThere && topic.configs.empty();
    if (topic.state != TopicFacts::State::kHidden) continue;
    std::string operations;
    if (use_.streams[i].read) operations += "--operation Read ";
    if (use_.streams[i].written) operations += "--operation Write ";
    operations +=
        options_.create_topics ? "--operation Create --operation DescribeConfigs" : "--operation DescribeConfigs";
    refused(fmt::format("topic '{}' may not be seen: it is not there, or not allowed", topic.topic),
            allow(operations, "--topic " + topic.topic));
  }
  if (!configs_hidden && !facts_.broker.empty()) return;
  findings_.push_back({fmt::format("settings of {} may not be read: they were not checked, and limits are learnt only "
                                   "when a record does not fit",
                                   configs_hidden ? "topics" : "the brokers"),
                       allow("--operation DescribeConfigs", configs_hidden ? "--topic '*' --cluster" : "--cluster"),
                       Severity::kWarning, Code::kConfig});
}

void Permissions::reading() {
  const PartitionList sources = make_list();
  std::set<std::string> open;
  for (std::size_t i = 0; i < use_.streams.size(); ++i) {
    const TopicFacts& topic = facts_.topics[i];
    if (!use_.streams[i].read || topic.state != TopicFacts::State::kThere) continue;
    rd_kafka_topic_partition_list_add(sources.get(), topic.topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
    open.insert(topic.topic);
  }
  if (open.empty()) return;
  auto client = Client::make(options_, Role::kBrowser, "check", {{"group.id", options_.topic_prefix + "eddy-browse"}});
  if (!client) return findings_.push_back(finding_of(client.error()));
  rd_kafka_assign((*client)->get(), sources.get());
  const auto deadline = steady_clock::now() + kProbePatience;
  while (!open.empty() && steady_clock::now() < deadline) {
    const Message message(rd_kafka_consumer_poll((*client)->get(), 100));
    if (message == nullptr || message->rkt == nullptr) continue;
    const std::string topic = rd_kafka_topic_name(message->rkt);
    if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      refused(fmt::format("topic '{}' may not be read", topic), allow("--operation Read", "--topic " + topic));
    }
    open.erase(topic);
  }
  rd_kafka_consumer_close((*client)->get());
}

void Permissions::writing() {
  auto client = Client::make(options_, Role::kProducer, "check",
                             {{"enable.idempotence", "false"},
                              {"acks", kImpossibleAcks},
                              {"message.timeout.ms", std::to_string(kProbePatience.count())},
                              {"log_level", "0"}});
  if (!client) return findings_.push_back(finding_of(client.error()));
  std::mutex mutex;
  std::set<std::string> forbidden;
  (*client)->on_undelivered = [&](const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return;
    const std::lock_guard lock(mutex);
    forbidden.insert(rd_kafka_topic_name(message.rkt));
  };
  for (std::size_t i = 0; i < use_.streams.size(); ++i) {
    if (!use_.streams[i].written || facts_.topics[i].state != TopicFacts::State::kThere) continue;
    rd_kafka_vu_t parts[2];
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = facts_.topics[i].topic.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[1].u.i32 = 0;
    const KafkaError unsent(rd_kafka_produceva((*client)->get(), parts, 2));
  }
  rd_kafka_flush((*client)->get(), ms(kProbePatience));
  client->reset();  // no more callbacks
  for (const std::string& topic : forbidden) {
    refused(fmt::format("topic '{}' may not be written", topic), allow("--operation Write", "--topic " + topic));
  }
}

void Permissions::groups() {
  for (const KafkaFunctionUse& function : use_.functions) {
    for (const std::string& group : function.groups) {
      const std::string name = options_.topic_prefix + group;
      const auto found = cluster_.offsets(name, {options_.topic_prefix + function.source, 1});
      // What it says of the topic is a finding already.
      if (found || found.error().text.find("--group " + name) == std::string::npos) continue;
      findings_.push_back(finding_of(found.error()));
    }
  }
}

void Permissions::transactions() {
  const auto longest = number_of(facts_.broker, "transaction.max.timeout.ms");
  if (longest && *longest >= kImpossibleTimeout) return;
  for (const KafkaFunctionUse& function : use_.functions) {
    if (!function.exactly_once) continue;
    const std::string id =
        fmt::format("{}eddy-{}-{}-0", options_.topic_prefix, function.groups.front(), options_.host_id);
    auto client = Client::make(
        options_, Role::kProducer, "check",
        {{"transactional.id", id}, {"transaction.timeout.ms", std::to_string(kImpossibleTimeout)}, {"log_level", "0"}});
    if (!client) return findings_.push_back(finding_of(client.error()));
    const KafkaError error(rd_kafka_init_transactions((*client)->get(), ms(kProbePatience)));
    if (error == nullptr || rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
      continue;
    refused(fmt::format("transactional ids that begin with '{}eddy-' may not be written, and function {} runs exactly "
                        "once",
                        options_.topic_prefix, function.function),
            allow("--operation Write",
                  fmt::format("--resource-pattern-type prefixed --transactional-id {}eddy-", options_.topic_prefix)));
    return;  // the same for all
  }
}

}  // namespace eddy::host::kafka
