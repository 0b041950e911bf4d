// SPDX-License-Identifier: Apache-2.0
// The configuration, parsed, checked and completed with defaults. Built by settings/load.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dead_letter/letter.h"
#include "settings/admin_settings.h"
#include "settings/ingest_settings.h"
#include "settings/plugin_settings.h"
#include "settings/policies.h"
#include "settings/push_settings.h"
#include "settings/sandbox_settings.h"
#include "settings/table_settings.h"
#include "settings/value.h"
#include "settings/webhook_settings.h"

namespace eddy::host {

enum class Isolation : std::uint8_t { kThread, kProcess };
enum class OnFault : std::uint8_t { kIsolate, kContinue, kQuarantine };
enum class Sync : std::uint8_t { kNormal, kFull };
enum class LogFormat : std::uint8_t { kText, kJson };
enum class TransportKind : std::uint8_t { kEmbedded, kKafka };

// A function's settings after all matching sections were laid over each other, in file order, later ones winning.
struct FunctionSettings {
  std::uint32_t timeout_ms = 0;  // 0: none
  Isolation isolation = Isolation::kThread;
  SandboxSettings sandbox;  // of isolation: process
  OnFault on_fault = OnFault::kIsolate;
  std::uint32_t max_deaths = 2;
  std::uint32_t concurrency = 0;        // 0: as the plugin says, else as many as partitions
  std::uint32_t unit_ms = 100;          // a unit of work ends after this time …
  std::uint32_t unit_records = 30'000;  // … or this many records
  std::string dead_letter_queue;        // empty: as the plugin says
  std::string config_json = "{}";       // the `config` section, for stateful functions
  bool at_least_once = false;           // `delivery`
  Order order = Order::kPartition;
  RetrySettings retry;
  BreakerSettings breaker;
  LetterLimits limits;  // of the function's own sections; those of its queue are laid under by Settings::limits()
  std::vector<std::string> redact;  // JSON pointers; ask Settings::redact()
};

// Where the keys are that a queue's originals are encrypted with; both empty: they are not.
struct EncryptionSettings {
  std::string key_file;
  std::string key;              // the keys themselves
  bool table_in_clear = false;  // the queue's table may have the originals as they are
  bool enabled() const { return !key_file.empty() || !key.empty(); }
  bool operator==(const EncryptionSettings&) const = default;
};

struct QueueSettings {
  QueueOptions options;
  std::uint32_t retention_days = 30;
  std::string table;  // its letters go to this table as well; empty: to none
  LetterLimits limits;
  std::vector<std::string> redact;  // JSON pointers; ask Settings::redact()
  EncryptionSettings encryption;    // the key that follows from it is in `options`
};

struct StreamSettings {
  std::uint32_t partitions = 1;
  std::uint32_t retention_days = 7;
  std::uint32_t replication_factor = 1;
};

struct KafkaSettings {
  std::vector<std::string> brokers = {"localhost:9092"};
  std::map<std::string, std::string> properties;  // may hold passwords: never shown but through render.h
  std::string topic_prefix;
  bool create_topics = true;
  bool static_membership = false;
  std::string host_id;  // empty: made once and kept in data_dir
  std::uint32_t transaction_timeout_ms = 60'000;
};

struct Settings {
  std::string file;  // where it was read from; empty: defaults
  std::string data_dir = "./data";
  bool watch_config = true;
  std::string plugin_dir = "./plugins.d";
  bool require_signature = false;
  std::vector<std::string> trusted_keys;  // public keys as text, and paths of files with one
  ReloadPolicy reload = ReloadPolicy::kImmediate;
  CanarySettings canary;
  QuarantineSettings quarantine;
  TransportKind transport = TransportKind::kEmbedded;
  KafkaSettings kafka;
  Sync embedded_sync = Sync::kNormal;
  std::size_t embedded_max_record_bytes = std::size_t{64} << 20;
  AdminSettings admin;
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kText;
  IngestSettings ingest;
  PushSettings push;
  TableSettings tables;  // for tables that no section matches: ask table()
  StreamSettings stream_defaults;

  // By name: defaults, then what the plugin declared (0: nothing), then the sections that match. A parked queue is kept
  // as its queue is: those that match its queue's name are its own too.
  FunctionSettings function(std::string_view name, std::uint32_t declared_concurrency = 0) const;
  QueueSettings queue(std::string_view name, std::uint32_t declared_retention_days = 0) const;
  StreamSettings stream(std::string_view name, std::uint32_t declared_partitions = 0,
                        std::uint32_t declared_retention_days = 0) const;
  TableSettings table(std::string_view name) const;
  std::vector<WebhookSettings> webhooks() const;  // one for each of webhook_sections
  // How many of a function's dead letters its queue keeps: what the queue's sections say, then the function's.
  LetterLimits limits(std::string_view function, std::string_view queue) const;
  // What is hidden when a letter is shown, a record of the function's or an output of it: what either says.
  std::vector<std::string> redact(std::string_view function, std::string_view queue) const;

  // The sections as written, in file order: pattern (a name or a glob with * and ?), where it stands, and the keys that
  // were given.
  struct Section {
    std::string pattern;
    int line = 0;
    int column = 0;
    std::vector<Given> given;
  };
  std::vector<Section> function_sections, queue_sections, stream_sections, table_sections;
  std::vector<Section> webhook_sections;  // the pattern is its name
  std::vector<Section>
      token_sections;  // ingest.tokens as written, one for each of ingest.tokens; the pattern is its name
  std::vector<Section> admin_token_sections;  // admin.tokens, likewise
  // The key that each kind of encryption above writes with, and all keys there are to read with
  // (settings/letter_keys.h).
  std::map<std::string, LetterKeyPtr> writing_keys;
  KeyringPtr letter_keys;
  // Keys outside of these sections that were given, served by this version or not.
  std::vector<Given> given;
};

}  // namespace eddy::host
