// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

constexpr std::int64_t kMinutesPerDay = 1440;
// A position is stored with the records that wait above it and with its tally.
constexpr std::int64_t kPositionBytes = 4096;

void add(Findings& findings, Severity severity, std::string what, std::string fix) {
  findings.push_back({std::move(what), std::move(fix), severity, Code::kConfig});
}

// These are read when a broker starts.
std::string set_on_brokers(std::string_view name, std::int64_t value) {
  return fmt::format("set {}={} in the configuration of every broker and restart them one after the other", name,
                     value);
}

std::string set_on_topic(const KafkaOptions& options, std::string_view topic, std::string_view name,
                         std::string_view value) {
  return fmt::format(
      "kafka-configs --bootstrap-server {} --alter --entity-type topics --entity-name {} --add-config {}={}",
      options.brokers, topic, name, value);
}

std::string create(const KafkaOptions& options, const StreamSpec& spec, std::string_view topic) {
  const std::int64_t retention_ms = spec.retention_days == 0 ? -1 : spec.retention_days * kMillisecondsPerDay;
  return fmt::format(
      "kafka-topics --bootstrap-server {} --create --topic {} --partitions {} --replication-factor {} --config "
      "retention.ms={}",
      options.brokers, topic, spec.partitions, spec.replication, retention_ms);
}

bool exactly_once(const KafkaUse& use) {
  return std::ranges::any_of(use.functions, [](const auto& function) { return function.exactly_once; });
}

std::int64_t longest_pause_ms(const KafkaUse& use) {
  std::int64_t longest = 0;
  for (const auto& function : use.functions) longest = std::max<std::int64_t>(longest, function.longest_pause.count());
  return longest;
}

const char* name_of(KafkaStreamUse::Kind kind) {
  return kind == KafkaStreamUse::Kind::kQueue   ? "dead letter queue"
         : kind == KafkaStreamUse::Kind::kRetry ? "retry stream"
                                                : "stream";
}

}  // namespace

// Its text ends with what mends it, where that is known.
KafkaFinding finding_of(const Error& error) {
  constexpr std::string_view kAllow = "allow it with: ", kAgain = "; it is tried again";
  KafkaFinding finding{error.text, "", Severity::kError, error.code};
  const std::size_t allow = error.text.find(kAllow);
  if (allow != error.text.npos) finding.code = Code::kConfig;
  const std::size_t end = allow != error.text.npos ? allow - 2 : error.text.find("; ");
  if (end == error.text.npos) return finding;
  finding.what = error.text.substr(0, end);
  finding.fix = error.text.substr(allow != error.text.npos ? allow + kAllow.size() : end + 2);
  if (finding.fix.ends_with(kAgain)) finding.fix.resize(finding.fix.size() - kAgain.size());
  return finding;
}

void judge_brokers(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts, Findings& findings) {
  const Configs& broker = facts.broker;
  if (exactly_once(use)) {
    const std::int64_t wanted = std::max(kMillisecondsPerDay, longest_pause_ms(use));
    constexpr const char* kExpiration = "transactional.id.expiration.ms";
    if (const auto found = number_of(broker, kExpiration); found && *found < wanted) {
      add(findings, Severity::kWarning,
          fmt::format("the brokers' {} is {}: they forget the transactional id of a function that stands still for so "
                      "long, expected at least {} (a day, and the longest retry pause)",
                      kExpiration, *found, wanted),
          set_on_brokers(kExpiration, std::max<std::int64_t>(wanted, 7 * kMillisecondsPerDay)));
    }
    const std::int64_t timeout = options.transaction_timeout.count();
    if (const auto found = number_of(broker, "transaction.max.timeout.ms"); found && *found < timeout) {
      add(findings, Severity::kError,
          fmt::format("streams.kafka.transaction_timeout_ms is {}, above the brokers' transaction.max.timeout.ms {}: "
                      "no transaction can begin",
                      timeout, *found),
          fmt::format("set streams.kafka.transaction_timeout_ms to {} or less", *found));
    }
  }
  constexpr const char* kOffsets = "offsets.retention.minutes";
  if (const auto found = number_of(broker, kOffsets); found && *found < kMinutesPerDay) {
    add(findings, Severity::kWarning,
        fmt::format("the brokers' {} is {}: a function that stands still for so long loses its place and begins again "
                    "at the oldest record, expected at least {} (a day)",
                    kOffsets, *found, kMinutesPerDay),
        set_on_brokers(kOffsets, 7 * kMinutesPerDay));
  }
  constexpr const char* kMetadata = "offset.metadata.max.bytes";
  if (const auto found = number_of(broker, kMetadata); found && *found < kPositionBytes) {
    add(findings, Severity::kError,
        fmt::format("the brokers' {} is {}: positions with records that wait for a retry could not be stored, expected "
                    "at least {}",
                    kMetadata, *found, kPositionBytes),
        set_on_brokers(kMetadata, kPositionBytes));
  }
}

namespace {

// One topic, with what is said about each finding in common.
class TopicJudge {
 public:
  TopicJudge(const KafkaOptions& options, const KafkaStreamUse& use, const TopicFacts& facts, Findings& findings)
      : options_(options), use_(use), facts_(facts), findings_(findings) {}

  void partitions() {
    if (use_.kind == KafkaStreamUse::Kind::kRetry || facts_.partitions >= use_.spec.partitions) return;
    const std::string fix = fmt::format("kafka-topics --bootstrap-server {} --alter --topic {} --partitions {}",
                                        options_.brokers, facts_.topic, use_.spec.partitions);
    found(Severity::kWarning,
          fmt::format("has {} partitions, {} are declared; {}", facts_.partitions, use_.spec.partitions,
                      options_.create_topics ? "the host raises them when it starts, and keys move then"
                                             : "streams.kafka.create_topics is false, so it stays like this"),
          fix);
  }

  void replicas() {
    const auto in_sync = number_of(facts_.configs, "min.insync.replicas");
    if (in_sync && *in_sync > facts_.replicas) {
      found(
          Severity::kError,
          fmt::format("has min.insync.replicas {} and {} replicas: nothing can be written", *in_sync, facts_.replicas),
          set("min.insync.replicas", std::to_string(std::max(1u, facts_.replicas))));
    } else if (in_sync && *in_sync == 1 && facts_.replicas > 1) {
      found(Severity::kWarning,
            fmt::format("has min.insync.replicas 1 and {} replicas: what one broker alone has acknowledged is lost "
                        "with it",
                        facts_.replicas),
            set("min.insync.replicas", "2"));
    }
    if (text_of(facts_.configs, "unclean.leader.election.enable") == "true" && facts_.replicas > 1) {
      found(Severity::kWarning,
            "has unclean.leader.election.enable=true: a broker that has missed records may lead it, they are lost then",
            set("unclean.leader.election.enable", "false"));
    }
  }

  void timestamps() {
    if (text_of(facts_.configs, "message.timestamp.type") != "LogAppendTime" || !use_.written) return;
    found(Severity::kWarning, "has message.timestamp.type LogAppendTime: records do not keep their timestamps",
          set("message.timestamp.type", "CreateTime"));
  }

  void cleanup() {
    if (use_.kind == KafkaStreamUse::Kind::kStream) return;
    const std::string_view policy = text_of(facts_.configs, "cleanup.policy");
    if (policy.find("compact") == policy.npos) return;
    found(
        Severity::kError,
        fmt::format("has cleanup.policy={}: records of one key replace each other, all but the last are lost", policy),
        set("cleanup.policy", "delete"));
  }

  void retention() {
    if (use_.kind == KafkaStreamUse::Kind::kStream) return;
    const auto kept = number_of(facts_.configs, "retention.ms");
    const std::int64_t wanted =
        use_.spec.retention_days == 0 ? -1 : std::int64_t{use_.spec.retention_days} * kMillisecondsPerDay;
    if (!kept || *kept < 0 || (wanted >= 0 && *kept >= wanted)) return;
    found(Severity::kWarning,
          fmt::format("has retention.ms {}, shorter than wanted ({})", *kept,
                      wanted < 0 ? "for ever" : fmt::format("{} days", use_.spec.retention_days)),
          set("retention.ms", std::to_string(wanted)));
  }

 private:
  void found(Severity severity, std::string_view text, std::string fix) {
    add(findings_, severity,
        fmt::format("{} '{}': topic '{}' {}", name_of(use_.kind), use_.spec.name, facts_.topic, text), std::move(fix));
  }
  std::string set(std::string_view name, std::string_view value) const {
    return set_on_topic(options_, facts_.topic, name, value);
  }

  const KafkaOptions& options_;
  const KafkaStreamUse& use_;
  const TopicFacts& facts_;
  Findings& findings_;
};

}  // namespace

void judge_topic(const KafkaOptions& options, const KafkaStreamUse& use, const TopicFacts& facts, Findings& findings) {
  switch (facts.state) {
    case TopicFacts::State::kHidden:
      return;  // the permissions say so
    case TopicFacts::State::kMissing:
      if (options.create_topics) return;
      return add(findings, Severity::kError,
                 fmt::format("{} '{}': there is no topic '{}', and streams.kafka.create_topics is false",
                             name_of(use.kind), use.spec.name, facts.topic),
                 create(options, use.spec, facts.topic));
    case TopicFacts::State::kThere:
      break;
  }
  TopicJudge judge(options, use, facts, findings);
  judge.partitions();
  judge.replicas();
  judge.timestamps();
  judge.cleanup();
  judge.retention();
}

namespace {

struct Sizes {
  const KafkaOptions& options;
  std::map<std::string_view, const TopicFacts*> by_stream;
  std::set<std::pair<std::string, std::string>> said;  // of two functions the same is said once

  std::optional<std::int64_t> of(const std::string& stream) const {
    const auto found = by_stream.find(stream);
    return found != by_stream.end() ? number_of(found->second->configs, "max.message.bytes") : std::nullopt;
  }
};

void judge_destination(Sizes& sizes, const std::string& source, const std::string& destination, Findings& findings) {
  const auto from = sizes.of(source), to = sizes.of(destination);
  if (!from || !to || *to >= *from || !sizes.said.emplace(source, destination).second) return;
  const std::string& topic = sizes.by_stream.at(destination)->topic;
  add(findings, Severity::kWarning,
      fmt::format("stream '{}': topic '{}' has max.message.bytes {}, its source '{}' {}: large records become dead "
                  "letters of type RecordTooLarge",
                  destination, topic, *to, source, *from),
      set_on_topic(sizes.options, topic, "max.message.bytes", std::to_string(*from)));
}

void judge_queue(Sizes& sizes, const std::string& source, const std::string& queue, Findings& findings) {
  constexpr std::int64_t kEnvelope = 64 << 10;
  const auto from = sizes.of(source), to = sizes.of(queue);
  if (!from || !to || *to >= *from + kEnvelope) return;
  const std::string& topic = sizes.by_stream.at(queue)->topic;
  const std::int64_t roomy = (*from * 4 + 2) / 3 + kEnvelope;
  add(findings, Severity::kWarning,
      fmt::format("dead letter queue '{}': topic '{}' has max.message.bytes {}, its source '{}' {}: a letter whose "
                  "original is that large does not fit and keeps only where the original is; expected at least {} for "
                  "what is put around it, {} when originals are binary (base64)",
                  queue, topic, *to, source, *from, *from + kEnvelope, roomy),
      set_on_topic(sizes.options, topic, "max.message.bytes", std::to_string(roomy)));
}

}  // namespace

void judge_sizes(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts, Findings& findings) {
  Sizes sizes{options, {}, {}};
  for (std::size_t i = 0; i < use.streams.size(); ++i) {
    sizes.by_stream[use.streams[i].spec.name] = &facts.topics[i];
  }
  std::map<std::string, std::string> widest;  // source of each queue
  for (const KafkaFunctionUse& function : use.functions) {
    for (const std::string& destination : function.destinations) {
      judge_destination(sizes, function.source, destination, findings);
    }
    if (function.queue == function.source) continue;
    std::string& source = widest[function.queue];
    if (sizes.of(function.source) > sizes.of(source)) source = function.source;
  }
  for (const auto& [queue, source] : widest) judge_queue(sizes, source, queue, findings);
}

Findings judge(const KafkaOptions& options, const KafkaUse& use, const ClusterFacts& facts) {
  Findings findings;
  judge_brokers(options, use, facts, findings);
  for (std::size_t i = 0; i < use.streams.size(); ++i) judge_topic(options, use.streams[i], facts.topics[i], findings);
  judge_sizes(options, use, facts, findings);
  return findings;
}

}  // namespace eddy::host::kafka
