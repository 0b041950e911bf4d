// SPDX-License-Identifier: Apache-2.0
#include "bare_loop.h"

#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace eddy::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kPadding = 64;  // what simdjson reads beyond a value
constexpr int kPatienceMs = 60'000;

[[noreturn]] void die(const char* doing, const char* why) {
  std::fprintf(stderr, "bench_kafka: %s: %s\n", doing, why);
  std::exit(1);
}

void need(rd_kafka_resp_err_t code, const char* doing) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) die(doing, rd_kafka_err2str(code));
}

void need(rd_kafka_error_t* error, const char* doing) {
  if (error != nullptr) die(doing, rd_kafka_error_string(error));
}

rd_kafka_t* make(rd_kafka_type_t type, std::initializer_list<std::pair<const char*, std::string>> settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof(text)) != RD_KAFKA_CONF_OK) die(name, text);
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, text, sizeof(text));
  if (client == nullptr) die("making a client", text);
  return client;
}

// Librdkafka 2.0 stops fetching for up to a second when its queue is full, so that the queue's size is what can be read
// in a second: here it never is.
//
// A unit of work is polled, produced and committed; what it consumed is kept until it is delivered, so that nothing is
// copied.
class Loop {
 public:
  Loop(const BareLoop& spec, std::atomic<std::uint64_t>& done) : spec_(spec), done_(done) {
    consumer_ = make(RD_KAFKA_CONSUMER, {{"bootstrap.servers", spec.brokers},
                                         {"group.id", spec.group},
                                         {"enable.auto.commit", "false"},
                                         {"queued.min.messages", "10000000"},
                                         {"queued.max.messages.kbytes", "262144"}});
    rd_kafka_poll_set_consumer(consumer_);
    queue_ = rd_kafka_queue_get_consumer(consumer_);
    rd_kafka_topic_partition_list_t* list = positions(RD_KAFKA_OFFSET_BEGINNING);
    need(rd_kafka_assign(consumer_, list), "assigning");
    rd_kafka_topic_partition_list_destroy(list);
    open_producer();
    topic_ = rd_kafka_topic_new(producer_, spec.to.c_str(), nullptr);
    raw_.resize(kBatch);
  }

  ~Loop() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(producer_);
    rd_kafka_queue_destroy(queue_);
    rd_kafka_consumer_close(consumer_);
    rd_kafka_destroy(consumer_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run() {
    while (done_ < spec_.records) unit();
  }

 private:
  void open_producer() {
    const std::string size = "1000000";
    if (!spec_.exactly_once) {
      producer_ = make(RD_KAFKA_PRODUCER, {{"bootstrap.servers", spec_.brokers},
                                           {"enable.idempotence", "true"},
                                           {"queue.buffering.max.messages", size},
                                           {"delivery.report.only.error", "true"}});
      return;
    }
    producer_ = make(RD_KAFKA_PRODUCER, {{"bootstrap.servers", spec_.brokers},
                                         {"transactional.id", spec_.group},
                                         {"queue.buffering.max.messages", size},
                                         {"delivery.report.only.error", "true"}});
    need(rd_kafka_init_transactions(producer_, kPatienceMs), "preparing transactions");
  }

  rd_kafka_topic_partition_list_t* positions(std::int64_t offset) const {
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, spec_.from.c_str(), 0)->offset = offset;
    return list;
  }

  void unit() {
    if (spec_.exactly_once && !begun_) need(rd_kafka_begin_transaction(producer_), "beginning a transaction");
    begun_ = true;
    const auto end = steady_clock::now() + spec_.unit;
    while (kept_.size() < spec_.unit_records && steady_clock::now() < end && done_ + kept_.size() < spec_.records) {
      const ssize_t count = rd_kafka_consume_batch_queue(queue_, 10, raw_.data(), raw_.size());
      if (count < 0) die("consuming", rd_kafka_err2str(rd_kafka_last_error()));
      const std::size_t first = kept_.size();
      for (ssize_t i = 0; i < count; ++i) {
        rd_kafka_message_t* const message = raw_[static_cast<std::size_t>(i)];
        need(message->err, "consuming");
        kept_.push_back(message);
      }
      spec_.keeps_timestamps ? produce_each(first) : produce_batch(first);
    }
    if (!kept_.empty()) commit();
    begun_ = kept_.empty();
    done_ += kept_.size();
    for (rd_kafka_message_t* message : kept_) rd_kafka_message_destroy(message);
    kept_.clear();
  }

  // Memory of one's own, as a result must stay until it is delivered; freed by librdkafka.
  std::string_view worked(const rd_kafka_message_t& message) {
    padded_.assign(static_cast<const char*>(message.payload), message.len);
    padded_.reserve(message.len + kPadding);
    const std::string_view result = spec_.work(padded_);
    char* copy = static_cast<char*>(std::malloc(result.size()));
    std::memcpy(copy, result.data(), result.size());
    return {copy, result.size()};
  }

  std::string_view value_of(const rd_kafka_message_t& message) {
    return spec_.work ? worked(message) : std::string_view(static_cast<const char*>(message.payload), message.len);
  }
  int flags() const { return spec_.work ? RD_KAFKA_MSG_F_FREE : 0; }

  // All go to one partition: the batch is a bucket.
  void produce_batch(std::size_t first) {
    batch_.clear();
    for (std::size_t i = first; i < kept_.size(); ++i) {
      const std::string_view value = value_of(*kept_[i]);
      rd_kafka_message_t& out = batch_.emplace_back();
      out.payload = const_cast<char*>(value.data());
      out.len = value.size();
      out.key = kept_[i]->key;
      out.key_len = kept_[i]->key_len;
    }
    const int sent = rd_kafka_produce_batch(topic_, 0, flags(), batch_.data(), static_cast<int>(batch_.size()));
    if (sent != static_cast<int>(batch_.size())) die("producing", "the queue is full");
  }

  void produce_each(std::size_t first) {
    for (std::size_t i = first; i < kept_.size(); ++i) {
      const std::string_view value = value_of(*kept_[i]);
      rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
      rd_kafka_vu_t parts[6];
      parts[0].vtype = RD_KAFKA_VTYPE_RKT;
      parts[0].u.rkt = topic_;
      parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
      parts[1].u.i32 = 0;
      parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
      parts[2].u.mem = {const_cast<char*>(value.data()), value.size()};
      parts[3].vtype = RD_KAFKA_VTYPE_KEY;
      parts[3].u.mem = {kept_[i]->key, kept_[i]->key_len};
      parts[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
      parts[4].u.i64 = rd_kafka_message_timestamp(kept_[i], &type);
      parts[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
      parts[5].u.i = flags();
      need(rd_kafka_produceva(producer_, parts, 6), "producing");
    }
  }

  void commit() {
    if (!spec_.exactly_once) need(rd_kafka_flush(producer_, kPatienceMs), "flushing");
    rd_kafka_topic_partition_list_t* const list = positions(kept_.back()->offset + 1);
    if (spec_.exactly_once) {
      rd_kafka_consumer_group_metadata_t* const member = rd_kafka_consumer_group_metadata(consumer_);
      need(rd_kafka_send_offsets_to_transaction(producer_, list, member, kPatienceMs), "adding positions");
      rd_kafka_consumer_group_metadata_destroy(member);
      need(rd_kafka_commit_transaction(producer_, kPatienceMs), "committing a transaction");
    } else {
      need(rd_kafka_commit(consumer_, list, 1), "committing positions");
    }
    rd_kafka_topic_partition_list_destroy(list);
  }

  const BareLoop& spec_;
  std::atomic<std::uint64_t>& done_;
  rd_kafka_t* consumer_ = nullptr;
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  std::vector<rd_kafka_message_t*> raw_, kept_;
  std::vector<rd_kafka_message_t> batch_;
  std::string padded_;
  bool begun_ = false;  // a transaction, without records so far
};

}  // namespace

void run(const BareLoop& loop, std::atomic<std::uint64_t>& done) { Loop(loop, done).run(); }

}  // namespace eddy::bench
