// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/consumer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongestWait = std::chrono::hours(24);
constexpr milliseconds kServe{1000};               // librdkafka must hear from its user, also when nothing comes
constexpr milliseconds kAdmissionPatience{5'000};  // until it lets a member in: a new group waits for others for 3 s
constexpr milliseconds kJoinPatience{45'000};      // should its leader be dead: until the group knows
constexpr milliseconds kLookInterval{10'000};      // for partitions that give nothing, though there is more
constexpr std::size_t kMostRecords = 10'000;

bool lasting(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__FATAL:
      return true;
    default:
      return false;
  }
}

}  // namespace

Consumer::Consumer(std::unique_ptr<Client> client, const ConsumerSpec& spec)
    : spec_(spec),
      client_(std::move(client)),
      assignment_(*client_, spec.topic, spec.group),
      hand_(assignment_),
      commit_(*client_),
      queue_(rd_kafka_queue_get_consumer(client_->get())),
      queue_bytes_(client_->setting("queued.max.messages.kbytes", 65536) * 1024) {}

Result<std::unique_ptr<Consumer>> Consumer::open(const KafkaOptions& options, const ConsumerSpec& spec) {
  Settings own{{"group.id", spec.group}};
  if (!spec.instance_id.empty()) own.emplace_back("group.instance.id", spec.instance_id);
  EDDY_ASSIGN(auto client, Client::make(options, Role::kConsumer, spec.where, own));
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(client), spec));
  EDDY_TRY(consumer->subscribe());
  return consumer;
}

Result<void> Consumer::subscribe() {
  client_->on_rebalance = [this](rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t& partitions) {
    joined_ = true;
    assignment_.note(what, partitions);
  };
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue_.get(), arrival_.file(), &one, sizeof(one));
  const PartitionList topics = make_list();
  rd_kafka_topic_partition_list_add(topics.get(), spec_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t code = rd_kafka_subscribe(client_->get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return explain(code, "subscribing to");
  return {};
}

// Librdkafka before 2.3.0 ends the whole process when a consumer goes that the group has let in and not given its first
// share (confluentinc/librdkafka issue 4312), and nothing says when it will be let in: the share is awaited. Who leads
// the group hands it out at once. False: it must not go.
bool Consumer::finish_joining() {
  if (rd_kafka_version() >= 0x02030000) return true;
  const auto let_in = [this] { return client_->rebalance_protocol() != "NONE"; };
  const auto begin = steady_clock::now();
  while (!joined_ && steady_clock::now() < begin + (let_in() ? kJoinPatience : kAdmissionPatience)) {
    rd_kafka_message_t* message = nullptr;
    if (rd_kafka_consume_batch_queue(queue_.get(), 20, &message, 1) == 1) Message(message).reset();
  }
  return joined_;
}

// Whatever the group has told by now, so that a client that closes finds nothing half-done.
void Consumer::answer_all() {
  do {
    rd_kafka_message_t* message = nullptr;
    while (rd_kafka_consume_batch_queue(queue_.get(), 0, &message, 1) == 1) Message(message).reset();
  } while (assignment_.answer());
}

Consumer::~Consumer() {
  const bool may_go = finish_joining();
  hand_.clear();
  answer_all();
  assignment_.close();
  rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
  queue_.reset();
  if (may_go) {
    rd_kafka_consumer_close(client_->get());
  } else {
    log_limited(
        LogLevel::kWarn, spec_.where, "kafka leave",
        fmt::format("group {} has not given this member its share of topic {} in time: its client stays until the "
                    "process ends, as librdkafka {} could end the process if it went now",
                    spec_.group, spec_.topic, rd_kafka_version_str()));
    rd_kafka_unsubscribe(client_->get());
    client_->on_rebalance = {};
    static_cast<void>(client_.release());  // better one client too many than no process
  }
}

Error Consumer::explain(rd_kafka_resp_err_t code, std::string doing, std::string_view detail) const {
  return client_->explain({std::move(doing), spec_.topic, spec_.group, {}, "Read"}, code, detail);
}

Result<std::span<const Record>> Consumer::poll(milliseconds wait, std::size_t max_records, bool writing) {
  const auto deadline = steady_clock::now() + std::min(wait, kLongestWait);
  max_records = std::min(max_records, kMostRecords);
  hand_.retire();
  assignment_.given().clear();
  const bool unit_open = writing || assignment_.touched();
  for (;;) {
    if (woken_.exchange(false) || max_records == 0) return hand_.given();
    EDDY_ASSIGN(const bool end_unit, rebalance(unit_open));
    if (end_unit) return hand_.given();
    hand_.give_waiting(max_records);
    if (!hand_.given().empty()) return hand_.given();
    EDDY_ASSIGN(const std::size_t read_some, read(max_records));
    if (!hand_.given().empty()) return hand_.given();
    if (read_some > 0 || assignment_.must_give() || assignment_.must_take()) continue;
    EDDY_TRY(check_trouble());
    const auto now = steady_clock::now();
    if (now >= deadline) return hand_.given();
    if (!unit_open) idle();
    const auto left = std::chrono::ceil<milliseconds>(deadline - now);
    // What cannot be sought yet is tried again soon.
    Signal::wait(arrival_, wake_, std::min(left, assignment_.must_seek() ? kServe / 50 : kServe));
  }
}

// True: the poll ends here. Partitions come and go only between units.
Result<bool> Consumer::rebalance(bool unit_open) {
  if (!unit_open) asked_to_end_ = false;
  if (assignment_.must_give()) {
    if (unit_open && (asked_to_end_ || assignment_.lost())) {
      return explain(assignment_.lost() ? RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST : RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
                     "ending a unit of",
                     "partitions go to another session; the unit must be committed or aborted first");
    }
    asked_to_end_ = unit_open;
    if (unit_open) return true;
    if (!assignment_.lost()) {
      if (auto settled = settle(kShortPatience); !settled) {
        log_limited(LogLevel::kWarn, spec_.where, "kafka settle", settled.error().text);
      }
    }
    assignment_.give();
    hand_.drop_unassigned();
    for (const std::uint32_t partition : assignment_.given()) owed_.erase(partition);
    return !assignment_.given().empty();
  }
  if (assignment_.must_take()) EDDY_TRY(assignment_.take(kPatience));
  if (const auto now = steady_clock::now(); !unit_open && now >= next_look_) {
    next_look_ = now + kLookInterval;
    assignment_.revive_stalled(kShortPatience);
  }
  if (assignment_.must_seek()) EDDY_TRY(assignment_.seek(kPatience));
  return false;
}

// What there is, without waiting: with a time-out the call would wait until the batch is full. Callbacks run in here.
Result<std::size_t> Consumer::read(std::size_t max_records) {
  if (raw_.size() < max_records) raw_.resize(max_records);
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, raw_.data(), max_records);
  if (count < 0) return explain(rd_kafka_last_error(), "reading");
  std::size_t bytes = 0;
  for (ssize_t i = 0; i < count; ++i) {
    Message message(raw_[static_cast<std::size_t>(i)]);
    bytes += message->len;
    take_in(std::move(message));
  }
  if (count > 0) keep_fetching(static_cast<std::size_t>(count), bytes);
  return static_cast<std::size_t>(count);
}

// A librdkafka whose queue was full looks again after a second, or when something else is to be sent. So something is,
// as soon as half of the queue is free: a small request to the leaders, whose answer nobody waits for.
void Consumer::keep_fetching(std::size_t taken, std::size_t taken_bytes) {
  record_bytes_ = record_bytes_ - record_bytes_ / 16 + taken_bytes / taken;
  const std::size_t queued = rd_kafka_queue_length(queue_.get()) * (record_bytes_ / 16);
  if (queued > queue_bytes_ / 4 * 3) queue_was_full_ = true;
  if (!queue_was_full_ || queued > queue_bytes_ / 2) return;
  queue_was_full_ = false;
  assignment_.nudge();
}

void Consumer::take_in(Message message) {
  Place* const place = assignment_.place(message->partition);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      note_error(*message);
    } else if (place != nullptr) {
      place->reach_end(message->offset);
    }
    return;
  }
  if (place == nullptr || !place->admit(message->offset)) return;
  if (assignment_.paused(*place)) {
    hand_.keep(std::move(message));
  } else {
    hand_.give(std::move(message), *place);
  }
}

void Consumer::note_error(const rd_kafka_message_t& message) {
  const char* const text = rd_kafka_message_errstr(&message);
  if (lasting(message.err)) {
    trouble_ = message.err;
    trouble_text_ = text;
    return;
  }
  log_limited(LogLevel::kWarn, spec_.where, "kafka reading", explain(message.err, "reading", text).text);
}

// Said once for each time that librdkafka says it.
Result<void> Consumer::check_trouble() {
  std::string detail;
  if (const rd_kafka_resp_err_t code = client_->fatal(detail); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return explain(code, "reading", detail);
  }
  if (trouble_ == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return explain(std::exchange(trouble_, RD_KAFKA_RESP_ERR_NO_ERROR), "reading", trouble_text_);
}

void Consumer::end(std::uint32_t partition, std::int64_t offset, Outcome outcome) {
  if (Place* place = assignment_.place(static_cast<std::int32_t>(partition))) place->end(offset, outcome);
}

void Consumer::hold(const Record& record, const Wait& wait) {
  if (Place* place = assignment_.place(static_cast<std::int32_t>(record.partition))) place->hold(record.offset, wait);
}

void Consumer::pause(bool paused) { assignment_.pause(paused); }

void Consumer::pause(std::uint32_t partition, bool paused) { assignment_.pause(partition, paused); }

void Consumer::wake() {
  woken_.store(true);
  wake_.raise();
}

// A group hears of what was asked for all topics only.
void Consumer::look_for_partitions() {
  const struct rd_kafka_metadata* found = nullptr;
  if (rd_kafka_metadata(client_->get(), 1, nullptr, &found, static_cast<int>(kShortPatience.count())) == 0) {
    rd_kafka_metadata_destroy(found);
  }
}

void Consumer::rewind() {
  hand_.clear();
  assignment_.rewind();
}

Result<void> Consumer::reload(milliseconds timeout) {
  hand_.clear();
  // What is on its way may still change what the cluster has.
  if (commit_.outstanding() && !wait_for_answer(timeout))
    return explain(RD_KAFKA_RESP_ERR__TIMED_OUT, "settling the positions of");
  EDDY_TRY(assignment_.reload(timeout));
  owed_.clear();
  return {};
}

GroupMetadata Consumer::member() const { return GroupMetadata(rd_kafka_consumer_group_metadata(client_->get())); }

}  // namespace eddy::host::kafka
