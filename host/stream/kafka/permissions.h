// SPDX-License-Identifier: Apache-2.0
// What a cluster with access lists would refuse the host, asked in ways that change nothing.
#pragma once

#include "stream/kafka/check.h"
#include "stream/kafka/cluster.h"
#include "stream/kafka/facts.h"
#include "stream/kafka/judge.h"

namespace eddy::host::kafka {

// One check_kafka() over one cluster.
class Permissions {
 public:
  // All must outlive it.
  Permissions(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts, Cluster& cluster,
              Findings& findings)
      : options_(options), use_(use), facts_(facts), cluster_(cluster), findings_(findings) {}

  void creating();  // by a request that is only validated; also says what else keeps a topic from being made
  void describing();
  void reading();  // by fetching a record of each source, for no group
  void writing();  // by a request with a number of acknowledgements that no broker accepts
  void groups();
  void transactions();  // by one with a time-out above the cluster's limit

 private:
  std::string allow(std::string_view operations, std::string_view resource) const;
  void refused(std::string what, std::string fix);

  const KafkaOptions& options_;
  const KafkaUse& use_;
  const ClusterFacts& facts_;
  Cluster& cluster_;
  Findings& findings_;
};

}  // namespace eddy::host::kafka
