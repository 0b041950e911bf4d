// SPDX-License-Identifier: Apache-2.0
#include "runtime/open_transport.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "stream/embedded/embedded.h"

namespace eddy::host {

Result<KafkaOptions> kafka_options(const Settings& settings, TransportUse use) {
  const KafkaSettings& kafka = settings.kafka;
  KafkaOptions options;
  options.brokers = fmt::format("{}", fmt::join(kafka.brokers, ","));
  options.properties = kafka.properties;
  options.topic_prefix = kafka.topic_prefix;
  options.create_topics = kafka.create_topics;
  options.static_membership = kafka.static_membership;
  options.transaction_timeout = std::chrono::milliseconds(kafka.transaction_timeout_ms);
  if (use == TransportUse::kTool) {
    // A name of its own: with the host's it would end what the host has open.
    options.host_id = fmt::format("tool-{}-{:08x}", ::getpid(), std::random_device()());
  } else if (kafka.host_id.empty()) {
    EDDY_ASSIGN(options.host_id, host_id(settings.data_dir));
  } else {
    options.host_id = kafka.host_id;
  }
  return options;
}

Result<std::unique_ptr<Transport>> open_transport(const Settings& settings, TransportUse use) {
  if (settings.transport == TransportKind::kKafka) {
    EDDY_ASSIGN(const KafkaOptions options, kafka_options(settings, use));
    return open_kafka(options);
  }
  std::error_code failed;
  std::filesystem::create_directories(settings.data_dir, failed);
  if (failed) return Error{Code::kUnavailable, "data_dir " + settings.data_dir + ": " + failed.message()};
  return open_embedded({.data_dir = settings.data_dir,
                        .sync_full = settings.embedded_sync == Sync::kFull,
                        .max_record_bytes = settings.embedded_max_record_bytes,
                        .exclusive = use == TransportUse::kHost});
}

}  // namespace eddy::host
