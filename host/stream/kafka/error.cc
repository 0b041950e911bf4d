// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/error.h"

#include <fmt/format.h>

namespace eddy::host::kafka {

namespace {

std::string allow(std::string_view brokers, std::string_view permission, std::string_view resource) {
  return fmt::format(
      "allow it with: kafka-acls --bootstrap-server {} --add --allow-principal User:NAME --operation {} {}", brokers,
      permission.empty() ? "All" : permission, resource);
}

// Ends the text; empty where nothing better is known than what librdkafka said.
std::string advice(std::string_view brokers, const Act& act, rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return fmt::format("create it with: kafka-topics --bootstrap-server {} --create --topic {} --partitions N",
                         brokers, act.topic);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return allow(brokers, act.permission, "--topic " + act.topic);
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return allow(brokers, "Read", "--group " + act.group);
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return allow(brokers, "Write", "--transactional-id " + act.transactional_id);
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return allow(brokers, act.permission == "Create" ? "Create" : "IdempotentWrite", "--cluster");
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return "check that the brokers run and can be reached; it is tried again";
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return "check the names in streams.kafka.brokers";
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "check security.protocol and the sasl.* properties of streams.kafka";
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return "another process with this host's id has taken over: each host needs a data_dir of its own";
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
      return "fewer replicas are in sync than min.insync.replicas asks for; it is tried again";
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
      return "streams.defaults.replication_factor must not be above the number of brokers";
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return "Apache Kafka 2.5 or newer is needed";
    default:
      return membership_lost(code) ? "the group has been divided anew; what was not committed is read again" : "";
  }
}

Code code_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return Code::kBadData;
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return Code::kConfig;
    default:
      return Code::kUnavailable;
  }
}

}  // namespace

Error explain(std::string_view brokers, const Act& act, rd_kafka_resp_err_t code, std::string_view detail) {
  std::string text = act.doing;
  if (!act.topic.empty()) text += fmt::format(" topic '{}'", act.topic);
  if (!act.group.empty()) text += fmt::format(" in group '{}'", act.group);
  text += fmt::format(" at {}: {}", brokers, rd_kafka_err2name(code));
  if (!detail.empty()) {
    while (detail.ends_with('.')) detail.remove_suffix(1);
    text += fmt::format(": {}", detail);
  } else {
    text += fmt::format(": {}", rd_kafka_err2str(code));
  }
  if (const std::string mend = advice(brokers, act, code); !mend.empty()) text += "; " + mend;
  return {code_of(code), std::move(text)};
}

bool membership_lost(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
      return true;
    default:
      return false;
  }
}

Remedy remedy_of(const rd_kafka_error_t& error) {
  if (rd_kafka_error_is_fatal(&error) != 0) return Remedy::kRenew;
  if (rd_kafka_error_txn_requires_abort(&error) != 0) {
    return membership_lost(rd_kafka_error_code(&error)) ? Remedy::kRerun : Remedy::kRepeat;
  }
  // What is none of these is a call out of turn: a new client knows its turn.
  return rd_kafka_error_is_retriable(&error) != 0 ? Remedy::kRetry : Remedy::kRenew;
}

}  // namespace eddy::host::kafka
