// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/browser.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/kafka/offsets.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kUndecidedPatience{500};
constexpr milliseconds kLook{100};
constexpr std::size_t kMostAtOnce = 10'000;

}  // namespace

KafkaBrowser::KafkaBrowser(std::shared_ptr<Core> core, Topic topic, std::unique_ptr<Client> client)
    : core_(std::move(core)),
      topic_{topic.name, topic.partitions},
      client_(std::move(client)),
      queue_(rd_kafka_queue_get_consumer(client_->get())) {
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue_.get(), arrival_.file(), &one, sizeof(one));
}

Result<std::unique_ptr<Browser>> KafkaBrowser::open(std::shared_ptr<Core> core, std::string_view stream) {
  EDDY_ASSIGN(Topic topic, core->topics.find(stream));
  // Librdkafka wants a group's name to assign partitions; nobody joins it and nothing is stored for it.
  EDDY_ASSIGN(auto client, Client::make(core->options, Role::kBrowser, "browse",
                                        {{"group.id", core->options.topic_prefix + "eddy-browse"}}));
  std::unique_ptr<KafkaBrowser> browser(new KafkaBrowser(std::move(core), std::move(topic), std::move(client)));
  EDDY_ASSIGN(browser->ends_, browser->core_->cluster->ends(browser->topic_));
  return std::unique_ptr<Browser>(std::move(browser));
}

KafkaBrowser::~KafkaBrowser() {
  messages_.clear();
  rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
  queue_.reset();
  rd_kafka_consumer_close(client_->get());
}

void KafkaBrowser::stop() {
  if (partition_ >= 0) rd_kafka_assign(client_->get(), nullptr);
  partition_ = -1;
}

Result<std::span<const Record>> KafkaBrowser::read(std::uint32_t partition, std::int64_t offset,
                                                   std::size_t max_records) {
  messages_.clear();
  records_.clear();
  scratch_.clear();
  EDDY_TRY(check(partition));
  if (max_records == 0) return std::span<const Record>();
  const auto begun = steady_clock::now();
  for (;;) {
    EDDY_ASSIGN(const bool fetching, position(partition, offset));
    if (fetching) EDDY_TRY(take(std::min(max_records, kMostAtOnce)));
    if (!records_.empty()) return std::span<const Record>(records_);
    const auto waited = steady_clock::now() - begun;
    if (!fetching || end_reached_) {
      EDDY_ASSIGN(const bool end, at_end(waited < kUndecidedPatience));
      if (end) return std::span<const Record>();
    }
    if (waited > kPatience) {
      return client_->explain({"reading", topic_.topic, {}, {}, "Read"}, RD_KAFKA_RESP_ERR__TIMED_OUT);
    }
    Signal::wait(arrival_, never_, fetching && !end_reached_ ? kLook : kLook / 20);
  }
}

Result<void> KafkaBrowser::check(std::uint32_t partition) {
  if (partition >= topic_.partitions) {
    EDDY_ASSIGN(const auto there, core_->cluster->partitions(topic_.topic));
    topic_.partitions = std::max(topic_.partitions, there.value_or(0));
    ends_.resize(topic_.partitions);
  }
  if (partition < topic_.partitions) return {};
  return Error{Code::kBadData, fmt::format("topic '{}' at {}: there is no partition {}: expected 0 to {}", topic_.topic,
                                           core_->options.brokers, partition, topic_.partitions - 1)};
}

// True: the fetcher gives what comes from `offset` on. False: nothing is there to be fetched yet.
Result<bool> KafkaBrowser::position(std::uint32_t partition, std::int64_t offset) {
  if (partition_ == static_cast<std::int32_t>(partition) && offset >= from_ && offset <= next_) return true;
  stop();
  EDDY_ASSIGN(const std::int64_t begin, look(partition, kBegin));
  EDDY_ASSIGN(const std::int64_t end, look(partition, kEnd));
  waiting_ = partition;
  from_ = offset;
  next_ = std::max(offset, begin);
  end_reached_ = next_ >= end;
  if (end_reached_) return false;
  const PartitionList list = make_list();
  rd_kafka_topic_partition_list_add(list.get(), topic_.topic.c_str(), static_cast<std::int32_t>(partition))->offset =
      next_;
  const rd_kafka_resp_err_t code = rd_kafka_assign(client_->get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->explain({"reading", topic_.topic, {}, {}, "Read"}, code);
  partition_ = static_cast<std::int32_t>(partition);
  return true;
}

Result<std::int64_t> KafkaBrowser::look(std::uint32_t partition, std::int64_t time) {
  const PartitionList list = make_list();
  rd_kafka_topic_partition_list_add(list.get(), topic_.topic.c_str(), static_cast<std::int32_t>(partition));
  EDDY_TRY(look_up(*client_, *list, time, kPatience));
  return list->elems[0].offset;
}

// The fetcher has seen the end: whether it still is. `patient`: open transactions are waited for.
Result<bool> KafkaBrowser::at_end(bool patient) {
  EDDY_ASSIGN(const std::int64_t decided, look(waiting_, kEnd));
  if (decided > next_) return false;
  EDDY_ASSIGN(const std::vector<std::int64_t> ends, core_->cluster->ends(topic_));
  if (ends[waiting_] > next_ && decided < ends[waiting_] && patient) return false;
  ends_[waiting_] = ends[waiting_];
  return true;
}

Result<void> KafkaBrowser::take(std::size_t max_records) {
  if (raw_.size() < max_records) raw_.resize(max_records);
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, raw_.data(), max_records);
  rd_kafka_resp_err_t trouble = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (ssize_t i = 0; i < count; ++i) {
    Message message(raw_[static_cast<std::size_t>(i)]);
    if (message->partition != partition_) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->offset < next_) continue;
      next_ = from_ = message->offset + 1;
      end_reached_ = false;
      records_.push_back(view(*message, scratch_));
      messages_.push_back(std::move(message));
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      next_ = std::max(next_, message->offset);
      end_reached_ = true;
    } else {
      trouble = message->err;
    }
  }
  if (trouble == RD_KAFKA_RESP_ERR_NO_ERROR || !records_.empty()) return {};
  return client_->explain({"reading", topic_.topic, {}, {}, "Read"}, trouble);
}

void KafkaBrowser::wait(milliseconds wait) {
  constexpr milliseconds kLongestWait = std::chrono::hours(24);
  const auto deadline = steady_clock::now() + std::min(wait, kLongestWait);
  for (milliseconds pause = kLook / 10;; pause = std::min(pause * 2, kLook)) {
    const auto now = core_->cluster->ends(topic_);
    if (!now) return;  // the next read says why
    const bool grown = *now != ends_;
    ends_ = *now;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (grown || left <= milliseconds(0)) return;
    Signal::wait(never_, never_, std::min(pause, left));
  }
}

}  // namespace eddy::host::kafka
