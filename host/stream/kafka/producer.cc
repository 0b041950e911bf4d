// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/producer.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReportPatience{1000};
constexpr std::size_t kMostTags = 100'000;
constexpr std::size_t kBatchReserve = 512;  // what librdkafka does not count in batch.size
constexpr std::size_t kDefaultBatchSize = 1'000'000;

// The broker will never take it, so the same unit must not be sent again.
bool of_the_record(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

rd_kafka_headers_t* make_headers(const Stage::Extra& extra) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(extra.header_count);
  for (std::size_t i = 0; i < extra.header_count; ++i) {
    const Header& header = extra.headers[i];
    rd_kafka_header_add(headers, header.name.data() != nullptr ? header.name.data() : "",
                        static_cast<ssize_t>(header.name.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

}  // namespace

Producer::Producer(const KafkaOptions&, Topics& topics, const ProducerSpec& spec, std::size_t batch_limit)
    : topics_(topics), spec_(spec), batch_limit_(batch_limit) {}

Producer::~Producer() = default;

Result<std::unique_ptr<Producer>> Producer::open(const KafkaOptions& options, Topics& topics,
                                                 const ProducerSpec& spec) {
  std::unique_ptr<Producer> producer(new Producer(options, topics, spec, topics.smallest_batch_limit()));
  EDDY_TRY(producer->connect(options));
  return producer;
}

Result<void> Producer::connect(const KafkaOptions& options) {
  Settings own;
  std::size_t batch_size = std::min(kDefaultBatchSize, batch_limit_ - std::min(batch_limit_ / 2, kBatchReserve));
  if (const auto wanted = options.properties.find("batch.size"); wanted != options.properties.end()) {
    batch_size = std::min<std::size_t>(batch_size, std::strtoull(wanted->second.c_str(), nullptr, 10));
  }
  own.emplace_back("batch.size", std::to_string(std::max<std::size_t>(1, batch_size)));
  if (!spec_.transactional_id.empty()) {
    own.emplace_back("transactional.id", spec_.transactional_id);
    own.emplace_back("transaction.timeout.ms", std::to_string(spec_.transaction_timeout.count()));
  }
  EDDY_ASSIGN(client_, Client::make(options, Role::kProducer, spec_.where, own,
                                    [this](const rd_kafka_message_t& message) { note_undelivered(message); }));
  most_records_ = client_->setting("queue.buffering.max.messages", 100'000);
  most_bytes_ = client_->setting("queue.buffering.max.kbytes", 1'048'576) * 1024;
  if (spec_.transactional_id.empty()) return {};
  return check(rd_kafka_init_transactions(client_->get(), ms(kPatience)), "preparing transactions");
}

// A transaction's error does not say which topic it is about: all it can be.
std::string Producer::written_topics() const {
  std::string names;
  for (const auto& [id, target] : targets_) {
    if (target.handle == nullptr) continue;
    names += (names.empty() ? "" : " or ") + std::string(rd_kafka_topic_name(target.handle.get()));
  }
  return names;
}

Error Producer::fail(Remedy remedy, Error error) {
  remedy_ = remedy;
  return error;
}

Result<void> Producer::check(rd_kafka_error_t* error, std::string_view doing) {
  if (error == nullptr) return {};
  const KafkaError owner(error);
  // Delivery reports name the topic and the cause; the transaction's own error only counts them, and may come first.
  if (remedy_of(*error) == Remedy::kRepeat) rd_kafka_flush(client_->get(), ms(kReportPatience));
  if (auto delivered = check_undelivered(); !delivered) return delivered;
  Act act{std::string(doing), {}, {}, spec_.transactional_id, "Write"};
  if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) act.topic = written_topics();
  return fail(remedy_of(*error), client_->explain(act, *error));
}

void Producer::note_undelivered(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
    const std::lock_guard lock(mutex_);
    if (message._private != nullptr) undelivered_.tags.push_back(message._private);
    return;
  }
  const std::lock_guard lock(mutex_);
  if (undelivered_.records++ == 0 || (of_the_record(message.err) && !of_the_record(undelivered_.code))) {
    undelivered_.code = message.err;
    undelivered_.topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "";
  }
  undelivered_.bytes = std::max(undelivered_.bytes, message.len + message.key_len);
  if (message._private != nullptr && undelivered_.tags.size() < kMostTags)
    undelivered_.tags.push_back(message._private);
}

std::vector<void*> Producer::take_undelivered_tags() {
  const std::lock_guard lock(mutex_);
  return std::exchange(undelivered_.tags, {});
}

Result<void> Producer::check_undelivered() {
  Undelivered failed;
  {
    const std::lock_guard lock(mutex_);
    if (undelivered_.records == 0) return {};
    std::swap(failed, undelivered_);
    undelivered_.tags = std::move(failed.tags);  // asked for on their own
  }
  Error error = client_->explain({"writing to", failed.topic, {}, spec_.transactional_id, "Write"}, failed.code);
  error.code = Code::kUnavailable;  // of the unit; the record is refused when it is written again
  if (!of_the_record(failed.code)) return fail(Remedy::kRepeat, std::move(error));
  if (failed.code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    topics_.learn_too_large(failed.topic, failed.bytes);
  } else {
    topics_.learn_bad_time(failed.topic);
  }
  error.text += "; the topic's limits have been read again, and what is within them is written again";
  return fail(Remedy::kRenew, std::move(error));
}

Result<rd_kafka_topic_t*> Producer::target(const Topic& topic) {
  Target& target = targets_[static_cast<std::uint32_t>(topic.id)];
  if (target.handle == nullptr) {
    target.handle.reset(rd_kafka_topic_new(client_->get(), topic.name.c_str(), nullptr));
    if (target.handle == nullptr) {
      return fail(Remedy::kRerun, client_->explain({"writing to", topic.name, {}, {}, "Write"}, rd_kafka_last_error()));
    }
  }
  if (target.partitions < topic.partitions) EDDY_TRY(refresh(target, topic));
  return target.handle.get();
}

// Librdkafka looks at a topic every few minutes; a partition it has not seen yet it would refuse.
Result<void> Producer::refresh(Target& target, const Topic& topic) {
  const struct rd_kafka_metadata* found = nullptr;
  rd_kafka_resp_err_t code = rd_kafka_metadata(client_->get(), 0, target.handle.get(), &found, ms(kPatience));
  const Metadata owner(found);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    code = found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(Remedy::kRetry, client_->explain({"writing to", topic.name, {}, {}, "Write"}, code));
  }
  target.partitions = static_cast<std::uint32_t>(found->topics[0].partition_cnt);
  return {};
}

Result<void> Producer::hand_over(Stage& stage) {
  for (const std::size_t index : stage.used()) {
    Stage::Bucket& bucket = stage.bucket(index);
    if (bucket.handed < bucket.records.size()) EDDY_TRY(hand_over(stage, bucket));
  }
  stage.handed_over();
  return {};
}

Result<void> Producer::hand_over(Stage& stage, Stage::Bucket& bucket) {
  const Topic& topic = stage.topic(bucket);
  EDDY_ASSIGN(rd_kafka_topic_t * handle, target(topic));
  const std::size_t count = bucket.records.size();
  const std::size_t chunk = std::max<std::size_t>(1, std::min<std::size_t>(10'000, most_records_ / 4));
  std::size_t room = bucket.handed;  // there is room for the records up to here
  while (bucket.handed < count) {
    if (bucket.handed >= room) {  // for many at once: to ask costs as much as to send one
      std::size_t bytes = 0;
      while (room < count && room - bucket.handed < chunk) bytes += bucket.records[room++].len;
      EDDY_TRY(make_room(room - bucket.handed, bytes));
    }
    // A run of records that the batch call can take, or one that it cannot.
    std::size_t end = bucket.handed;
    while (end < room && bucket.extras[end].plain()) ++end;
    const rd_kafka_resp_err_t code = end > bucket.handed ? send_batch(handle, bucket, end) : send_one(handle, bucket);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    Error error = client_->explain({"writing to", topic.name, {}, spec_.transactional_id, "Write"}, code);
    error.code = Code::kUnavailable;
    return fail(
        code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED ? Remedy::kRenew : Remedy::kRepeat,
        std::move(error));
  }
  return {};
}

// A queue that is full refuses single records of a batch: their order would be lost. So it never gets full.
Result<void> Producer::make_room(std::size_t records, std::size_t bytes) {
  const auto queued = static_cast<std::size_t>(rd_kafka_outq_len(client_->get()));
  if (queued == 0) queued_bytes_ = 0;
  if (queued + records > most_records_ || queued_bytes_ + bytes > most_bytes_ / 2) {
    EDDY_TRY(flush(kPatience));
    queued_bytes_ = 0;
  }
  queued_bytes_ += bytes;
  return {};
}

rd_kafka_resp_err_t Producer::send_batch(rd_kafka_topic_t* topic, Stage::Bucket& bucket, std::size_t end) {
  rd_kafka_message_t* first = bucket.records.data() + bucket.handed;
  const auto count = static_cast<int>(end - bucket.handed);
  const int sent = rd_kafka_produce_batch(topic, bucket.partition, 0, first, count);
  if (sent == count) {
    bucket.handed = end;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const auto* failed = std::find_if(first, first + count, [](const auto& message) { return message.err != 0; });
  bucket.handed = static_cast<std::size_t>(failed - bucket.records.data());
  return failed->err;
}

rd_kafka_resp_err_t Producer::send_one(rd_kafka_topic_t* topic, Stage::Bucket& bucket) {
  const rd_kafka_message_t& message = bucket.records[bucket.handed];
  const Stage::Extra& extra = bucket.extras[bucket.handed];
  rd_kafka_vu_t parts[7];
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic;
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = bucket.partition;
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {message.payload, message.len};
  parts[3].vtype = RD_KAFKA_VTYPE_KEY;
  parts[3].u.mem = {message.key, message.key_len};
  parts[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[4].u.i64 = extra.timestamp_ms;
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = message._private;
  std::size_t count = 6;
  rd_kafka_headers_t* headers = extra.header_count > 0 ? make_headers(extra) : nullptr;
  if (headers != nullptr) {
    parts[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[count++].u.headers = headers;
  }
  const KafkaError error(rd_kafka_produceva(client_->get(), parts, count));
  if (error == nullptr) {
    ++bucket.handed;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);  // still ours
  return rd_kafka_error_code(error.get());
}

Result<void> Producer::flush(milliseconds timeout) {
  const rd_kafka_resp_err_t code = rd_kafka_flush(client_->get(), ms(timeout));
  EDDY_TRY(check_undelivered());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  std::string detail;
  if (client_->fatal(detail) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(Remedy::kRenew, client_->explain({"writing", {}, {}, spec_.transactional_id, "Write"}, code, detail));
  }
  return fail(Remedy::kRetry, client_->explain({fmt::format("delivering {} records", rd_kafka_outq_len(client_->get())),
                                                {},
                                                {},
                                                spec_.transactional_id,
                                                "Write"},
                                               code));
}

bool Producer::purge(milliseconds timeout) {
  rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const bool gone = rd_kafka_flush(client_->get(), ms(timeout)) == RD_KAFKA_RESP_ERR_NO_ERROR;
  const std::lock_guard lock(mutex_);
  undelivered_.records = 0;
  return gone;
}

Result<void> Producer::begin() { return check(rd_kafka_begin_transaction(client_->get()), "beginning a transaction"); }

Result<void> Producer::send_offsets(const rd_kafka_topic_partition_list_t& offsets,
                                    const rd_kafka_consumer_group_metadata_t& group, milliseconds timeout) {
  return check(rd_kafka_send_offsets_to_transaction(client_->get(), &offsets, &group, ms(timeout)),
               "adding positions to a transaction");
}

Result<void> Producer::commit(milliseconds timeout) {
  return check(rd_kafka_commit_transaction(client_->get(), ms(timeout)), "committing a transaction");
}

Result<void> Producer::abort(milliseconds timeout) {
  {
    const std::lock_guard lock(mutex_);
    undelivered_ = {};
  }
  auto aborted = check(rd_kafka_abort_transaction(client_->get(), ms(timeout)), "aborting a transaction");
  const std::lock_guard lock(mutex_);
  undelivered_ = {};  // what the abort gave up
  return aborted;
}

}  // namespace eddy::host::kafka
