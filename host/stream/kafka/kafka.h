// SPDX-License-Identifier: Apache-2.0
// Streams as topics of a Kafka cluster, by librdkafka.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "stream/transport.h"

namespace eddy::host {

struct KafkaOptions {
  std::string brokers;  // "host:port,host:port"
  // librdkafka's own, passed to every client; they win over what the transport sets, apart from what the guarantees
  // stand on (enable.auto.commit, enable.idempotence, isolation.level, transactional.id, …), which is refused.
  std::map<std::string, std::string> properties;
  std::string topic_prefix;  // of every topic, group and transactional.id; stream names go without it
  bool create_topics = true;
  // Tells this host from others: transactional ids and, with static_membership, group.instance.id are made of it. It
  // must be the same after a restart, so that the successor ends what its predecessor left open.
  std::string host_id;
  bool static_membership = false;
  std::chrono::milliseconds transaction_timeout{60'000};
};

// Makes the clients that are shared and looks at the cluster. kConfig: a property is wrong. kUnavailable: no broker
// answers, or not as this version needs; the text names the broker and the cause, never a secret.
Result<std::unique_ptr<Transport>> open_kafka(const KafkaOptions& options);

// The id of the host that owns this data directory: made when it is first asked for, the same ever after.
Result<std::string> host_id(const std::string& data_dir);

}  // namespace eddy::host
