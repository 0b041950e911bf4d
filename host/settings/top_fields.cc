// SPDX-License-Identifier: Apache-2.0
// The keys outside of the sections, and those of streams.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

Field partitions() {
  return {.path = "partitions",
          .kind = Kind::kInteger,
          .fallback = std::int64_t{1},
          .least = 1,
          .most = 1024,
          .doc = "Partitions of a stream; an existing stream may grow and never shrinks."};
}

Field retention_days() {
  return {.path = "retention_days",
          .kind = Kind::kInteger,
          .fallback = std::int64_t{7},
          .least = 0,
          .most = 36500,
          .unit = "days",
          .doc = "How long records are kept; 0 keeps them for ever."};
}

Field replication_factor() {
  return {.path = "replication_factor",
          .kind = Kind::kInteger,
          .fallback = std::int64_t{1},
          .least = 1,
          .most = 32767,
          .doc = "Copies of each record, on Kafka; the embedded store keeps one."};
}

Field at(std::string_view path, Field field) {
  field.path = path;
  return field;
}

void add_places(std::vector<Field>& all) {
  all.push_back(stored<&Settings::data_dir>({.path = "data_dir",
                                             .fallback = "./data"s,
                                             .doc = "Folder of the embedded store and of everything else the host "
                                                    "keeps; it is made when missing."}));
  all.push_back(stored<&Settings::watch_config>(
      flag("watch_config", true,
           "Reload this file when its contents have changed; `false`: on SIGHUP only. A file with an error, or with "
           "nothing in it, leaves what runs alone.")));
}

template <auto Member>
Field kafka(Field field) {
  return stored<&Settings::kafka, Member>(std::move(field));
}

void add_kafka(std::vector<Field>& all) {
  using K = KafkaSettings;
  all.push_back(kafka<&K::brokers>(texts("streams.kafka.brokers", {"localhost:9092"}, "Brokers to begin with.")));
  all.push_back(
      kafka<&K::properties>({.path = "streams.kafka.properties",
                             .kind = Kind::kProperties,
                             .fallback = "{}"s,
                             .doc = "Properties of the Kafka client, as librdkafka names them; those that the "
                                    "guarantees stand on are refused at start.",
                             .secret = true}));
  all.push_back(kafka<&K::topic_prefix>(
      text("streams.kafka.topic_prefix", "",
           "Put in front of every topic, consumer group and transactional id; streams are named without it.")));
  all.push_back(kafka<&K::create_topics>(
      flag("streams.kafka.create_topics", true,
           "Make topics that are missing; `false`: they must be there, with the partitions that are wanted.")));
  all.push_back(
      kafka<&K::static_membership>(flag("streams.kafka.static_membership", false,
                                        "Keep a host's partitions for it while it restarts (`group.instance.id`).")));
  all.push_back(kafka<&K::host_id>(
      text("streams.kafka.host_id", "",
           "Tells this host from others of the same groups, the same after a restart; empty: made once and kept in "
           "`data_dir`. Set it where `data_dir` does not outlive the host.")));
  all.push_back(kafka<&K::transaction_timeout_ms>(
      integer("streams.kafka.transaction_timeout_ms", 60'000, 1000, 900'000, "ms",
              "After this time the broker ends a transaction that its host has left open; the broker's "
              "`transaction.max.timeout.ms` limits it.")));
}

void add_streams(std::vector<Field>& all) {
  all.push_back(
      stored<&Settings::transport>(choice("streams.transport", "embedded", {"embedded", "kafka"},
                                          "Where streams live: the embedded store on this machine, or Kafka.")));
  all.push_back(stored<&Settings::embedded_sync>(
      {.path = "streams.embedded.sync",
       .fallback = "normal"s,
       .allowed = {"normal", "full"},
       .doc = "`full` waits for the disk at every commit; `normal` survives a crash of the host, and after a power cut "
              "may repeat the last moments, never tear them."}));
  all.push_back(stored<&Settings::embedded_max_record_bytes>({.path = "streams.embedded.max_record_bytes",
                                                              .kind = Kind::kInteger,
                                                              .fallback = 64 * kMiB,
                                                              .least = 1024,
                                                              .most = 512 * kMiB,
                                                              .unit = "bytes",
                                                              .doc = "Largest key, value and headers of one record."}));
  add_kafka(all);
  all.push_back(
      stored<&Settings::stream_defaults, &StreamSettings::partitions>(at("streams.defaults.partitions", partitions())));
  all.push_back(stored<&Settings::stream_defaults, &StreamSettings::retention_days>(
      at("streams.defaults.retention_days", retention_days())));
  all.push_back(stored<&Settings::stream_defaults, &StreamSettings::replication_factor>(
      at("streams.defaults.replication_factor", replication_factor())));
}

void add_log(std::vector<Field>& all) {
  all.push_back(stored<&Settings::log_level>({.path = "log.level",
                                              .fallback = "info"s,
                                              .allowed = {"debug", "info", "warn", "error"},
                                              .doc = "The least important lines that are written."}));
  all.push_back(stored<&Settings::log_format>({.path = "log.format",
                                               .fallback = "text"s,
                                               .allowed = {"text", "json"},
                                               .doc = "One line of text, or one JSON object a line."}));
}

}  // namespace

std::vector<Field> top_fields() {
  std::vector<Field> all;
  add_places(all);
  add_plugins(all);
  add_streams(all);
  add_tables(all);
  add_ingest(all);
  add_admin(all);
  add_push(all);
  add_log(all);
  return all;
}

std::vector<Field> stream_fields() {
  return {stored<&StreamSettings::partitions>(partitions()), stored<&StreamSettings::retention_days>(retention_days()),
          stored<&StreamSettings::replication_factor>(replication_factor())};
}

}  // namespace eddy::host
