// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

constexpr std::uint32_t kMaxPartitions = 10'000;
constexpr std::size_t kNamesInText = 20;
constexpr std::size_t kLongestName = 249;
constexpr std::size_t kDefaultBatchLimit = 1'048'588;  // of Apache Kafka, for those who may not read it
constexpr std::size_t kFraming = 1024;                 // room for what a batch and a record have around their bytes

Result<void> check_name(const std::string& stream, const std::string& topic) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (stream.empty()) return Error{Code::kBadData, "a stream needs a name; it is empty"};
  if (topic.size() <= kLongestName && topic != "." && topic != ".." && std::ranges::all_of(topic, legal)) return {};
  return Error{Code::kBadData, fmt::format("stream '{}' cannot be a Kafka topic: expected 1 to {} of a-z A-Z 0-9 . _ -",
                                           stream, kLongestName)};
}

std::string names_there(const std::vector<TopicPartitions>& topics, std::size_t prefix) {
  if (topics.empty()) return "there are none yet";
  std::string text = "there are ";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (i == kNamesInText) return text + fmt::format(" and {} more", topics.size() - i);
    text += fmt::format("{}'{}'", i > 0 ? ", " : "", std::string_view(topics[i].topic).substr(prefix));
  }
  return text;
}

}  // namespace

Result<Topic> Topics::ensure(const StreamSpec& spec) {
  const std::string name = options_.topic_prefix + spec.name;
  EDDY_TRY(check_name(spec.name, name));
  if (spec.partitions == 0 || spec.partitions > kMaxPartitions) {
    return Error{Code::kBadData, fmt::format("stream '{}': {} partitions wanted; expected 1 to {}", spec.name,
                                             spec.partitions, kMaxPartitions)};
  }
  EDDY_ASSIGN(const auto there, cluster_.partitions(name));
  if (there && *there >= spec.partitions) return look(spec.name, name, *there);
  if (!options_.create_topics) {
    if (there) return look(spec.name, name, *there);  // whoever made it has decided how many
    return Error{
        Code::kConfig,
        fmt::format("there is no topic '{0}' at {1}, and streams.kafka.create_topics is false; create it with: "
                    "kafka-topics --bootstrap-server {1} --create --topic {0} --partitions {2} "
                    "--replication-factor {3}",
                    name, options_.brokers, spec.partitions, spec.replication)};
  }
  EDDY_TRY(make(spec, name));
  EDDY_ASSIGN(const std::uint32_t partitions, wait_until_there(name, spec.partitions));
  return look(spec.name, name, partitions);
}

Result<void> Topics::make(const StreamSpec& spec, const std::string& name) {
  EDDY_ASSIGN(const bool made, cluster_.create(name, spec));
  if (made) return {};
  EDDY_ASSIGN(const std::uint32_t partitions, wait_until_there(name, 1));
  return partitions < spec.partitions ? cluster_.raise(name, spec.partitions) : Result<void>();
}

// The cluster answers before every broker knows of the change.
Result<std::uint32_t> Topics::wait_until_there(const std::string& name, std::uint32_t partitions) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (std::chrono::milliseconds pause{2};; pause = std::min(pause * 2, std::chrono::milliseconds(250))) {
    EDDY_ASSIGN(const auto there, cluster_.partitions(name));
    if (there && *there >= partitions) return *there;
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error{
          Code::kUnavailable,
          fmt::format("topic '{}' at {} was created but has no {} partitions with a leader yet: found {}; check "
                      "that enough brokers run",
                      name, options_.brokers, partitions, there.value_or(0))};
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<Topic> Topics::find(std::string_view stream) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(topics_, stream, &Topic::stream);
    if (found != topics_.end()) return *found;
  }
  const std::string name = options_.topic_prefix + std::string(stream);
  if (!check_name(std::string(stream), name)) return unknown(stream);
  EDDY_ASSIGN(const auto there, cluster_.partitions(name));
  if (there) return look(std::string(stream), name, *there);
  return unknown(stream);
}

Result<Topic> Topics::find(StreamId id) const {
  const std::lock_guard lock(mutex_);
  const auto index = static_cast<std::size_t>(id) - 1;
  if (index < topics_.size()) return topics_[index];
  return Error{Code::kInternal, fmt::format("{}: there is no stream with id {}; ids are given by ensure_stream and "
                                            "find_stream",
                                            options_.brokers, static_cast<std::uint32_t>(id))};
}

Error Topics::unknown(std::string_view stream) {
  auto there = list();
  if (!there) return there.take_error();
  return Error{Code::kBadData, fmt::format("{}: there is no stream '{}': {}", options_.brokers, stream,
                                           names_there(*there, options_.topic_prefix.size()))};
}

Result<std::vector<TopicPartitions>> Topics::list() {
  EDDY_ASSIGN(auto topics, cluster_.topics());
  std::erase_if(topics, [&](const TopicPartitions& topic) {
    return topic.topic.starts_with("__") || !topic.topic.starts_with(options_.topic_prefix);
  });
  std::ranges::sort(topics, {}, &TopicPartitions::topic);
  return topics;
}

Result<Topic> Topics::look(const std::string& stream, const std::string& name, std::uint32_t partitions) {
  auto settings = cluster_.settings({&name, 1});  // not allowed: the default is assumed
  const std::lock_guard lock(mutex_);
  return put(stream, name, partitions, settings ? settings->front() : TopicSettings{});
}

// Under the mutex.
Topic& Topics::put(const std::string& stream, const std::string& name, std::uint32_t partitions,
                   const TopicSettings& settings) {
  auto found = std::ranges::find(topics_, name, &Topic::name);
  if (found == topics_.end()) {
    topics_.push_back({static_cast<StreamId>(topics_.size() + 1), stream, name, 0, 0, 0, {}});
    found = std::prev(topics_.end());
    set_limit(*found, kDefaultBatchLimit);
  }
  if (settings.max_message_bytes && *settings.max_message_bytes != found->batch_limit) {
    set_limit(*found, *settings.max_message_bytes);
  }
  if (settings.time && *settings.time != found->time) set_time(*found, *settings.time);
  if (partitions > found->partitions) {
    found->partitions = partitions;
    version_.fetch_add(1, std::memory_order_release);
  }
  return *found;
}

void Topics::set_limit(Topic& topic, std::size_t batch_limit) {
  topic.batch_limit = batch_limit;
  topic.record_limit = batch_limit > 2 * kFraming ? batch_limit - kFraming : batch_limit / 2;
  version_.fetch_add(1, std::memory_order_release);
}

Result<void> Topics::refresh() {
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const Topic& topic : topics_) names.push_back(topic.name);
  }
  EDDY_ASSIGN(const auto there, cluster_.topics());
  EDDY_ASSIGN(const auto settings, cluster_.settings(names));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = std::ranges::find(there, names[i], &TopicPartitions::topic);
    if (found != there.end()) put("", names[i], found->partitions, settings[i]);
  }
  return {};
}

void Topics::set_time(Topic& topic, const TimeLimits& time) {
  topic.time = time;
  version_.fetch_add(1, std::memory_order_release);
}

// Under the mutex.
Topic* Topics::known(const std::string& name) {
  const auto found = std::ranges::find(topics_, name, &Topic::name);
  return found == topics_.end() ? nullptr : &*found;
}

void Topics::learn_too_large(const std::string& topic, std::size_t bytes) {
  auto settings = cluster_.settings({&topic, 1});
  const std::lock_guard lock(mutex_);
  Topic* const found = known(topic);
  if (found == nullptr) return;
  const auto limit = settings ? settings->front().max_message_bytes : std::nullopt;
  if (limit && *limit != found->batch_limit) return set_limit(*found, *limit);
  // The limit may not be read, or is not the one that refused them: come down to it.
  if (!limit) set_limit(*found, std::max<std::size_t>(kFraming, std::min(bytes, found->batch_limit) / 2));
}

void Topics::learn_bad_time(const std::string& topic) {
  constexpr std::int64_t kHour = 3'600'000;  // what Kafka 4 takes by default
  auto settings = cluster_.settings({&topic, 1});
  const std::lock_guard lock(mutex_);
  Topic* const found = known(topic);
  if (found == nullptr) return;
  const auto time = settings ? settings->front().time : std::nullopt;
  set_time(*found, time && *time != found->time ? *time : TimeLimits{found->time.before_ms, kHour});
}

std::size_t Topics::smallest_batch_limit() const {
  const std::lock_guard lock(mutex_);
  std::size_t smallest = kDefaultBatchLimit;
  for (const Topic& topic : topics_) smallest = std::min(smallest, topic.batch_limit);
  return smallest;
}

}  // namespace eddy::host::kafka
