// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/check.h"

#include <algorithm>

#include "stream/kafka/facts.h"
#include "stream/kafka/judge.h"
#include "stream/kafka/permissions.h"

namespace eddy::host {

std::vector<KafkaFinding> check_kafka(const KafkaOptions& options, const KafkaUse& use) {
  auto cluster = kafka::Cluster::connect(options);
  if (!cluster) return {kafka::finding_of(cluster.error())};
  std::vector<std::string> topics;
  for (const KafkaStreamUse& stream : use.streams) topics.push_back(options.topic_prefix + stream.spec.name);
  const auto facts = kafka::look(**cluster, topics);
  if (!facts) return {kafka::finding_of(facts.error())};
  kafka::Findings findings;
  kafka::Permissions permissions(options, use, *facts, **cluster, findings);
  permissions.describing();
  permissions.creating();
  if (facts->secured) {
    permissions.reading();
    permissions.writing();
    permissions.groups();
    permissions.transactions();
  }
  auto judged = kafka::judge(options, use, *facts);
  findings.insert(findings.end(), std::make_move_iterator(judged.begin()), std::make_move_iterator(judged.end()));
  // What stops the host first.
  std::ranges::stable_sort(findings, std::greater<>{}, &KafkaFinding::severity);
  return findings;
}

}  // namespace eddy::host
