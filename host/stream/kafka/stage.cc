// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "base/clock.h"
#include "base/encoding.h"
#include "stream/partitioner.h"

namespace eddy::host::kafka {

namespace {

constexpr std::size_t kPerHeader = 10;  // the most that the lengths of a header's name and value take

// Time is kept to the millisecond, and 0 means none.
std::int64_t to_milliseconds(std::int64_t timestamp_us) {
  return timestamp_us == 0 ? 0 : std::max<std::int64_t>(1, timestamp_us / 1000);
}

Result<void> check_size(const Topic& topic, const OutRecord& record, std::size_t size) {
  const std::size_t framed = size + record.headers.size() * kPerHeader;
  if (size <= topic.record_limit && framed < topic.batch_limit) return {};
  return Error{
      Code::kTooLarge,
      fmt::format("a record of {} bytes (key, value and {} headers) is too large for stream '{}': expected at "
                  "most {}; raise max.message.bytes of topic '{}', now {}",
                  size, record.headers.size(), topic.stream, topic.record_limit, topic.name, topic.batch_limit)};
}

Result<void> check_time(const Topic& topic, std::int64_t timestamp_ms, std::int64_t now_ms) {
  const std::int64_t age_ms = now_ms - timestamp_ms;
  if (age_ms <= topic.time.before_ms && -age_ms <= topic.time.after_ms) return {};
  return Error{
      Code::kBadData,
      fmt::format("a record's time, {}, is too far from now for stream '{}'; raise message.timestamp.{}.max.ms of "
                  "topic '{}', now {}",
                  to_rfc3339(timestamp_ms * 1000), topic.stream, age_ms > 0 ? "before" : "after", topic.name,
                  age_ms > 0 ? topic.time.before_ms : topic.time.after_ms)};
}

}  // namespace

Result<void> Stage::check_limits(const Topic& topic, const OutRecord& record, std::size_t size) {
  EDDY_TRY(check_size(topic, record, size));
  if (record.timestamp_us == 0 || topic.time == TimeLimits()) return {};
  constexpr std::size_t kClockEvery = 256;
  if (records_ % kClockEvery == 0) now_ms_ = SystemClock().now_us() / 1000;
  return check_time(topic, to_milliseconds(record.timestamp_us), now_ms_);
}

Result<void> Stage::add(StreamId to, const OutRecord& record, void* tag) {
  EDDY_ASSIGN(Output * out, output(to));
  const std::size_t size = size_of(record);
  EDDY_TRY(check_limits(out->topic, record, size));
  EDDY_ASSIGN(const std::uint32_t partition, choose_partition(*out, record));
  Bucket& bucket = bucket_of(*out, partition);
  const Bytes key = arena_.copy(record.key);
  const Bytes value = arena_.copy(record.value);
  rd_kafka_message_t& message = bucket.records.emplace_back();
  message.partition = bucket.partition;
  message.payload = const_cast<char*>(value.data());
  message.len = value.size();
  message.key = const_cast<char*>(key.data());
  message.key_len = key.size();
  message._private = tag;
  bucket.extras.push_back(copy_extra(record));
  bytes_ += size;
  ++records_;
  return {};
}

Result<void> Stage::check(StreamId to, const OutRecord& record) {
  EDDY_ASSIGN(const Output* out, output(to));
  EDDY_TRY(check_limits(out->topic, record, size_of(record)));
  EDDY_ASSIGN([[maybe_unused]] const std::uint32_t partition, choose_partition(*out, record));
  return {};
}

Stage::Extra Stage::copy_extra(const OutRecord& record) {
  Extra extra;
  extra.timestamp_ms = to_milliseconds(record.timestamp_us);
  if (record.headers.empty()) return extra;
  constexpr std::size_t kAlign = alignof(Header);
  char* room = arena_.take(record.headers.size_bytes() + kAlign);
  room += (kAlign - reinterpret_cast<std::uintptr_t>(room) % kAlign) % kAlign;
  Header* headers = reinterpret_cast<Header*>(room);
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    new (headers + i) Header{arena_.copy(record.headers[i].name), arena_.copy(record.headers[i].value)};
  }
  extra.headers = headers;
  extra.header_count = record.headers.size();
  return extra;
}

Result<Stage::Output*> Stage::output(StreamId to) {
  const auto index = static_cast<std::size_t>(to);
  const std::uint32_t version = topics_.version();
  if (index < outputs_.size() && outputs_[index].seen == version) return &outputs_[index];
  EDDY_ASSIGN(Topic topic, topics_.find(to));
  if (index >= outputs_.size()) outputs_.resize(index + 1);
  Output& output = outputs_[index];
  output.topic = std::move(topic);
  output.seen = version;
  output.buckets.resize(output.topic.partitions, kNone);
  return &output;
}

Result<std::uint32_t> Stage::choose_partition(const Output& output, const OutRecord& record) const {
  const std::uint32_t partitions = output.topic.partitions;
  if (record.partition) {
    if (*record.partition < partitions) return *record.partition;
    return Error{Code::kBadData, fmt::format("stream '{}' has no partition {}: expected 0 to {}", output.topic.stream,
                                             *record.partition, partitions - 1)};
  }
  return record.key.null() ? spread_ % partitions : partition_of_key(record.key.view(), partitions);
}

Stage::Bucket& Stage::bucket_of(Output& output, std::uint32_t partition) {
  std::size_t& index = output.buckets[partition];
  if (index == kNone) {
    index = buckets_.size();
    buckets_.emplace_back();
    buckets_.back().topic = static_cast<std::uint32_t>(output.topic.id);
    buckets_.back().partition = static_cast<std::int32_t>(partition);
  }
  if (buckets_[index].records.empty()) used_.push_back(index);
  return buckets_[index];
}

void Stage::hand_over_again() {
  for (const std::size_t index : used_) buckets_[index].handed = 0;
  handed_bytes_ = handed_records_ = 0;
}

void Stage::clear() {
  for (const std::size_t index : used_) {
    buckets_[index].records.clear();
    buckets_[index].extras.clear();
    buckets_[index].handed = 0;
  }
  if (!used_.empty()) ++spread_;
  used_.clear();
  arena_.clear();
  bytes_ = 0;
  records_ = 0;
  handed_bytes_ = handed_records_ = 0;
}

}  // namespace eddy::host::kafka
