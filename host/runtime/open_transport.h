// SPDX-License-Identifier: Apache-2.0
// The transport that the configuration names.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "settings/settings.h"
#include "stream/kafka/kafka.h"
#include "stream/transport.h"

namespace eddy::host {

// The running host is alone with its data directory and its name on Kafka; a tool works beside it.
enum class TransportUse : std::uint8_t { kHost, kTool };

Result<std::unique_ptr<Transport>> open_transport(const Settings& settings, TransportUse use);

// What open_transport() gives to open_kafka().
Result<KafkaOptions> kafka_options(const Settings& settings, TransportUse use);

}  // namespace eddy::host
