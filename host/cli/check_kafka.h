// SPDX-License-Identifier: Apache-2.0
// What a topology would do with a Kafka cluster, for check.
#pragma once

#include <vector>

#include "plugin/topology.h"
#include "runtime/bindings.h"
#include "stream/kafka/check.h"
#include "stream/transport.h"

namespace eddy::host {

// `wanted`: the streams that binding asked for.
KafkaUse kafka_use(const Topology& topology, const Bindings& bindings, const std::vector<StreamSpec>& wanted);

}  // namespace eddy::host
