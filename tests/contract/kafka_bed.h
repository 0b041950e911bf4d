// SPDX-License-Identifier: Apache-2.0
// Kafka under the contract: every test has topics, groups and ids of its own on one broker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "contract/transport_bed.h"
#include "stream/kafka/kafka.h"

namespace eddy::host::contract {

// The broker is $EDDY_TEST_KAFKA; or the one that ctest keeps for all tests; or one that this program starts and stops.
std::unique_ptr<TransportBed> make_kafka();

// Options for it, with a prefix that no other test has.
KafkaOptions kafka_options();

// As TransportBed says: a commit is answered before the cluster has marked its records and positions as committed.
void settle(const KafkaOptions& options, const std::string& stream, std::uint32_t partitions,
            const std::string& group = "");

}  // namespace eddy::host::contract
