// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/conf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace eddy::host::kafka {

namespace {

struct Setting {
  const char* name;
  const char* value;
};

constexpr Setting kForAll[] = {
    {"client.id", "eddy"},
    {"log.connection.close", "false"},
    {"socket.keepalive.enable", "true"},
    {"reconnect.backoff.max.ms", "2000"},
};

// What a worker holds at most is bounded by bytes. Librdkafka waits a second when its queue is full, unless it is
// woken: Consumer::keep_fetching does, so a small queue is enough.
constexpr Setting kForConsumers[] = {
    {"queued.min.messages", "10000000"},
    {"queued.max.messages.kbytes", "16384"},
    {"fetch.error.backoff.ms", "100"},
    {"fetch.wait.max.ms", "250"},       // a fetch that waits holds up one from another place, and the news of the end
    {"heartbeat.interval.ms", "1000"},  // also how soon a member hears that the group is divided anew
    {"topic.metadata.refresh.interval.ms", "10000"},  // partitions raised by others are read this soon
};

// A broker answers one request of a connection after the other: what a browser asks must not stand behind a fetch that
// waits for records.
constexpr Setting kForBrowsers[] = {{"fetch.wait.max.ms", "10"}};

// Units are flushed at their end, so records need not wait for company before it. The largest record is the topic's
// business, not the client's.
constexpr Setting kForProducers[] = {
    {"queue.buffering.max.messages", "1000000"},
    {"message.max.bytes", "104857600"},
};

struct Refusal {
  std::string_view name;
  std::string_view instead;
};

constexpr std::string_view kGuarantee = "the delivery guarantees stand on it";
constexpr std::array<Refusal, 18> kRefused{{
    {"bootstrap.servers", "say it as streams.kafka.brokers"},
    {"metadata.broker.list", "say it as streams.kafka.brokers"},
    {"enable.auto.commit", kGuarantee},
    {"auto.commit.enable", kGuarantee},
    {"enable.auto.offset.store", kGuarantee},
    {"enable.idempotence", kGuarantee},
    {"isolation.level", kGuarantee},
    {"transactional.id", kGuarantee},
    {"transaction.timeout.ms", "say it as streams.kafka.transaction_timeout_ms"},
    {"group.id", "each function has a group of its own"},
    {"group.instance.id", "say streams.kafka.static_membership: true"},
    {"auto.offset.reset", "a new group starts at the oldest record, and none may skip any"},
    {"enable.partition.eof", kGuarantee},
    {"partition.assignment.strategy", kGuarantee},
    {"acks", kGuarantee},
    {"request.required.acks", kGuarantee},
    {"delivery.report.only.error", kGuarantee},
    {"allow.auto.create.topics", "say streams.kafka.create_topics"},
}};

Result<void> check_refused(const KafkaOptions& options) {
  std::string text;
  for (const auto& [name, value] : options.properties) {
    const auto found = std::ranges::find(kRefused, name, &Refusal::name);
    if (found != kRefused.end()) text += fmt::format("{}'{}' ({})", text.empty() ? "" : ", ", name, found->instead);
  }
  if (text.empty()) return {};
  return Error{Code::kConfig, fmt::format("streams.kafka.properties: not for users to set: {}; take it out", text)};
}

template <std::size_t n>
void add_all(Settings& settings, const Setting (&more)[n]) {
  for (const Setting& setting : more) settings.emplace_back(setting.name, setting.value);
}

Settings defaults_of(Role role) {
  Settings settings;
  add_all(settings, kForAll);
  if (role == Role::kConsumer || role == Role::kBrowser) add_all(settings, kForConsumers);
  if (role == Role::kBrowser) add_all(settings, kForBrowsers);
  if (role == Role::kProducer) add_all(settings, kForProducers);
  return settings;
}

Settings guarantees_of(Role role) {
  if (role == Role::kProducer) return {{"enable.idempotence", "true"}, {"delivery.report.only.error", "true"}};
  Settings settings{{"enable.auto.commit", "false"},
                    {"enable.auto.offset.store", "false"},
                    {"auto.offset.reset", "earliest"},
                    {"allow.auto.create.topics", "false"},
                    {"enable.partition.eof", "true"}};
  // The admin client asks for a topic's end as it is; readers stop where an open transaction begins.
  settings.emplace_back("isolation.level", role == Role::kAdmin ? "read_uncommitted" : "read_committed");
  if (role == Role::kConsumer) settings.emplace_back("partition.assignment.strategy", "cooperative-sticky");
  return settings;
}

}  // namespace

bool is_secret(std::string_view property) {
  constexpr std::string_view kParts[] = {"password", "secret", "ssl.key.pem", "credential", "oauthbearer", "token"};
  if (property == "sasl.mechanism" || property == "sasl.mechanisms" || property == "sasl.oauthbearer.method")
    return false;
  if (property.starts_with("sasl.") || property.ends_with(".pem")) return true;
  return std::ranges::any_of(kParts, [&](std::string_view part) { return property.find(part) != property.npos; });
}

Result<void> Conf::set(const std::string& name, const std::string& value) {
  char text[512];
  const auto outcome = rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), text, sizeof(text));
  if (outcome == RD_KAFKA_CONF_OK) return {};
  if (outcome == RD_KAFKA_CONF_UNKNOWN) {
    return Error{Code::kConfig, fmt::format("streams.kafka.properties: librdkafka {} has no property '{}'; see its "
                                            "CONFIGURATION.md",
                                            rd_kafka_version_str(), name)};
  }
  return Error{Code::kConfig, fmt::format("streams.kafka.properties: '{}': {}", name,
                                          is_secret(name) ? "librdkafka does not take this value" : text)};
}

Result<Conf> Conf::make(const KafkaOptions& options, Role role, const Settings& own) {
  EDDY_TRY(check_refused(options));
  Conf conf;
  for (const auto& [name, value] : defaults_of(role)) EDDY_TRY(conf.set(name, value));
  for (const auto& [name, value] : options.properties) EDDY_TRY(conf.set(name, value));
  for (const auto& [name, value] : guarantees_of(role)) EDDY_TRY(conf.set(name, value));
  for (const auto& [name, value] : own) EDDY_TRY(conf.set(name, value));
  EDDY_TRY(conf.set("bootstrap.servers", options.brokers));
  return conf;
}

Redactor::Redactor(const KafkaOptions& options) {
  for (const auto& [name, value] : options.properties) {
    // One or two letters are in every text, and no secret.
    if (is_secret(name) && value.size() > 2) secrets_.push_back(value);
  }
  // The longest first, so that no part of it stays.
  std::ranges::sort(secrets_, {},
                    [](const std::string& secret) { return -static_cast<std::ptrdiff_t>(secret.size()); });
}

std::string Redactor::clean(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace eddy::host::kafka
