// SPDX-License-Identifier: Apache-2.0
#include "settings/rules.h"

#include <algorithm>
#include <array>

#include "dead_letter/mask.h"
#include "settings/admin_rules.h"
#include "settings/fields.h"
#include "settings/given.h"
#include "settings/ingest_rules.h"
#include "settings/mask.h"
#include "settings/plain_name.h"
#include "settings/push_rules.h"
#include "settings/webhook_rules.h"

namespace eddy::host {
namespace {

bool is_database(std::string_view url) {
  constexpr std::array<std::string_view, 4> kKnown = {"sqlite:", "postgresql://", "postgres://", "clickhouse://"};
  return std::any_of(kKnown.begin(), kKnown.end(),
                     [&](std::string_view scheme) { return url.starts_with(scheme) && url.size() > scheme.size(); });
}

// One rule between keys of a function: which ones, and what is wrong; empty when nothing is.
struct Conflict {
  std::array<std::string_view, 2> keys;
  std::string text;
};

Conflict order_needs_place(const FunctionSettings& settings) {
  const bool wrong = settings.order == Order::kKey && settings.retry.mode == RetryMode::kStream;
  return {
      {"order", "retry.mode"},
      wrong ? "order: key needs retry.mode: in_place; expected order: partition or retry.mode: in_place, found order: "
              "key with retry.mode: stream"
            : ""};
}

Conflict interval_below_its_limit(const FunctionSettings& settings) {
  const RetrySettings& retry = settings.retry;
  const bool wrong = retry.initial_interval_ms > retry.max_interval_ms;
  return {{"retry.initial_interval_ms", "retry.max_interval_ms"},
          wrong ? "retry.initial_interval_ms: expected at most retry.max_interval_ms, which is " +
                      std::to_string(retry.max_interval_ms) + ", found " + std::to_string(retry.initial_interval_ms)
                : ""};
}

constexpr std::array kFunctionRules = {&order_needs_place, &interval_below_its_limit};

class Rules {
 public:
  Rules(const Settings& settings, Report& report) : settings_(settings), report_(report) {}

  void check() {
    for (const auto& section : settings_.function_sections) {
      check_function(section);
      check_pointers(section, "functions");
    }
    for (const auto& section : settings_.queue_sections) {
      check_queue(section);
      check_pointers(section, "dead_letter_queues");
    }
    if (settings_.transport == TransportKind::kKafka) {
      check_transactions();
    } else {
      check_copies(settings_.given, "streams.defaults.replication_factor", "");
      for (const auto& section : settings_.stream_sections) {
        check_copies(section.given, "replication_factor", "streams.named[\"" + section.pattern + "\"].");
      }
    }
    check_kafka();
    check_trust();
    check_quarantine();
    check_url(settings_.given, "tables.url", "");
    for (const auto& section : settings_.table_sections) {
      check_url(section.given, "url", "tables.named[\"" + section.pattern + "\"].");
    }
  }

 private:
  // A section that gives none of a rule's keys repeats what was said of another.
  void check_function(const Settings::Section& section) {
    const FunctionSettings function = settings_.function(section.pattern);
    for (const auto rule : kFunctionRules) {
      const Conflict conflict = rule(function);
      if (conflict.text.empty()) continue;
      for (const std::string_view key : conflict.keys) {
        if (const Given* given = find_given(section.given, key)) {
          add(*given, "functions[\"" + section.pattern + "\"]: " + conflict.text);
          break;
        }
      }
    }
  }

  void check_queue(const Settings::Section& section) {
    const std::string conflict = queue_conflict(settings_.queue(section.pattern));
    if (conflict.empty()) return;
    for (const std::string_view key : {"table", "encryption.key_file", "encryption.key", "encryption.table_in_clear"}) {
      const Given* given = find_given(section.given, key);
      if (given == nullptr) continue;
      return add(*given, "dead_letter_queues[\"" + section.pattern + "\"]." + conflict);
    }
  }

  void check_pointers(const Settings::Section& section, const std::string& where) {
    const Given* given = find_given(section.given, "redact");
    if (given == nullptr) return;
    for (const std::string& pointer : std::get<std::vector<std::string>>(given->value)) {
      if (is_json_pointer(pointer)) continue;
      add(*given, where + "[\"" + section.pattern + "\"].redact: expected JSON pointers, such as /card/number, found " +
                      pointer);
    }
  }

  // While a unit waits for the breaker's judgement, its transaction may be open.
  void check_transactions() {
    for (const auto& section : settings_.function_sections) {
      const Given* given = find_given(section.given, "breaker.retract_ms");
      const FunctionSettings function = settings_.function(section.pattern);
      const std::uint32_t limit = settings_.kafka.transaction_timeout_ms;
      if (given == nullptr || function.at_least_once || function.breaker.retract_ms < limit) continue;
      add(*given, "functions[\"" + section.pattern + "\"].breaker.retract_ms: expected less than " +
                      "streams.kafka.transaction_timeout_ms, which is " + std::to_string(limit) + ", found " +
                      std::to_string(function.breaker.retract_ms));
    }
  }

  void check_copies(const std::vector<Given>& all, std::string_view key, const std::string& where) {
    const Given* given = find_given(all, key);
    if (given == nullptr || std::get<std::int64_t>(given->value) == 1) return;
    add(*given, where + std::string(key) +
                    ": the embedded store keeps one copy; expected 1, or streams.transport: kafka, " + "found " +
                    std::to_string(std::get<std::int64_t>(given->value)));
  }

  void check_url(const std::vector<Given>& all, std::string_view key, const std::string& where) {
    const Given* given = find_given(all, key);
    if (given == nullptr || is_database(std::get<std::string>(given->value))) return;
    add(*given, where + std::string(key) + ": expected sqlite:PATH, postgresql://… or clickhouse://…, found " +
                    mask_text(std::get<std::string>(given->value)));
  }

  void check_kafka() {
    const KafkaSettings& kafka = settings_.kafka;
    if (const Given* given = find_given(settings_.given, "streams.kafka.brokers");
        given != nullptr && kafka.brokers.empty()) {
      add(*given,
          "streams.kafka.brokers: expected at least one broker, such as [\"localhost:9092\"], found an empty list");
    }
    check_name("streams.kafka.topic_prefix", kafka.topic_prefix);
    check_name("streams.kafka.host_id", kafka.host_id);
  }

  void check_trust() {
    const Given* given = find_given(settings_.given, "plugins.require_signature");
    if (given == nullptr || !settings_.require_signature || !settings_.trusted_keys.empty()) return;
    add(*given,
        "plugins.require_signature: no plugin could be loaded; expected a key in plugins.trusted_keys (make one with: "
        "eddy plugin keygen NAME), found none");
  }

  void check_quarantine() {
    const QuarantineSettings& quarantine = settings_.quarantine;
    if (quarantine.initial_ms <= quarantine.max_ms) return;
    for (const std::string_view key : {"plugins.quarantine.initial_ms", "plugins.quarantine.max_ms"}) {
      const Given* given = find_given(settings_.given, key);
      if (given == nullptr) continue;
      return add(*given, "plugins.quarantine.initial_ms: expected at most plugins.quarantine.max_ms, which is " +
                             std::to_string(quarantine.max_ms) + ", found " + std::to_string(quarantine.initial_ms));
    }
  }

  void check_name(std::string_view key, const std::string& name) {
    const Given* given = find_given(settings_.given, key);
    if (given == nullptr || is_plain_name(name)) return;
    add(*given, std::string(key) + ": expected at most " + std::to_string(kLongestPlainName) +
                    " letters, digits, dots, dashes and underscores, found " +
                    (name.size() > kLongestPlainName ? std::to_string(name.size()) + " bytes" : "other characters"));
  }

  void add(const Given& at, std::string text) { report_.add(mark_of(at), std::move(text)); }

  const Settings& settings_;
  Report& report_;
};

}  // namespace

void check_rules(const Settings& settings, Report& report) {
  Rules(settings, report).check();
  check_ingest_rules(settings, report);
  check_admin_rules(settings, report);
  check_push_rules(settings, report);
  check_webhook_rules(settings, report);
}

std::string policy_conflict(const FunctionSettings& settings) {
  for (const auto rule : kFunctionRules) {
    if (Conflict conflict = rule(settings); !conflict.text.empty()) return std::move(conflict.text);
  }
  return "";
}

std::string queue_conflict(const QueueSettings& settings) {
  if (settings.table.empty() || !settings.encryption.enabled() || settings.encryption.table_in_clear) return "";
  return "table: table " + settings.table +
         " would have in clear what encryption keeps from being read in the queue; expected one of the two, or "
         "encryption.table_in_clear: true where the table may have it, found both";
}

}  // namespace eddy::host
