// SPDX-License-Identifier: Apache-2.0
// What is wrong with a cluster for what a host wants of it. Pure: from facts to findings.
#pragma once

#include <vector>

#include "stream/kafka/check.h"
#include "stream/kafka/facts.h"

namespace eddy::host::kafka {

using Findings = std::vector<KafkaFinding>;

// An error of the cluster as a finding. What is not allowed is a matter of settings, like all that stays until somebody
// mends it.
KafkaFinding finding_of(const Error& error);

// Settings of the brokers that the delivery guarantees stand on.
void judge_brokers(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts, Findings& findings);
// One topic by itself.
void judge_topic(const KafkaOptions& options, const KafkaStreamUse& use, const TopicFacts& facts, Findings& findings);
// Whether what is read fits into where it is written.
void judge_sizes(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts, Findings& findings);

// All of the above, topics in the order of use.streams.
Findings judge(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts);

}  // namespace eddy::host::kafka
