// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/session.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;

// A unit beyond this is sent while it grows; one below is sent at its end, and leaves no trace when it is aborted.
constexpr std::size_t kEarlyBytes = 1u << 20;
constexpr std::size_t kEarlyRecords = 4000;

std::string transactional_id(const KafkaOptions& options, const SessionSpec& spec) {
  return fmt::format("{}eddy-{}-{}-{}", options.topic_prefix, spec.group, options.host_id, spec.worker);
}

}  // namespace

KafkaSession::KafkaSession(std::shared_ptr<Core> core, const SessionSpec& spec, Topic source)
    : core_(std::move(core)),
      spec_(spec),
      source_(std::move(source.name)),
      source_partitions_(source.partitions),
      topics_seen_(core_->topics.version()),
      stage_(core_->topics, spec.worker) {}

Result<std::unique_ptr<Session>> KafkaSession::open(std::shared_ptr<Core> core, const SessionSpec& spec) {
  if (spec.workers == 0 || spec.worker >= spec.workers) {
    return Error{Code::kInternal, fmt::format("session of group '{}': worker {} of {}; expected a worker below their "
                                              "number",
                                              spec.group, spec.worker, spec.workers)};
  }
  EDDY_ASSIGN(Topic source, core->topics.find(spec.stream));
  std::unique_ptr<KafkaSession> session(new KafkaSession(std::move(core), spec, std::move(source)));
  EDDY_TRY(session->connect());
  return std::unique_ptr<Session>(std::move(session));
}

// The producer first: what a predecessor left undecided is decided before the positions are read.
Result<void> KafkaSession::connect() {
  EDDY_TRY(open_producer());
  ConsumerSpec consumer{source_, core_->options.topic_prefix + spec_.group, {}, spec_.group};
  if (core_->options.static_membership) consumer.instance_id = transactional_id(core_->options, spec_);
  EDDY_ASSIGN(consumer_, Consumer::open(core_->options, consumer));
  return {};
}

Result<void> KafkaSession::open_producer() {
  ProducerSpec producer{spec_.group, {}, core_->options.transaction_timeout};
  if (transactional()) producer.transactional_id = transactional_id(core_->options, spec_);
  EDDY_ASSIGN(producer_, Producer::open(core_->options, core_->topics, producer));
  return {};
}

KafkaSession::~KafkaSession() {
  if (consumer_ == nullptr) return;
  // Readers of what was begun would wait until it times out.
  if (phase_ != Phase::kNone && producer_ != nullptr) static_cast<void>(producer_->abort(kShortPatience));
  if (!transactional()) static_cast<void>(consumer_->settle(kShortPatience));
}

Result<std::span<const Record>> KafkaSession::poll(milliseconds wait, std::size_t max_records) {
  if (producer_ == nullptr || must_reload_) EDDY_TRY(recover());
  if (core_->topics.version() != topics_seen_) look_at_source();
  return consumer_->poll(wait, max_records, !stage_.empty());
}

// Librdkafka finds new partitions by itself, a little later.
void KafkaSession::look_at_source() {
  topics_seen_ = core_->topics.version();
  const auto source = core_->topics.find(spec_.stream);
  if (!source || source->partitions <= source_partitions_) return;
  source_partitions_ = source->partitions;
  consumer_->look_for_partitions();
}

Result<void> KafkaSession::write(StreamId to, const OutRecord& record) {
  EDDY_TRY(stage_.add(to, record));
  const bool large = stage_.unhanded_bytes() > kEarlyBytes || stage_.unhanded_records() > kEarlyRecords;
  if (large) hand_over_early();
  return {};
}

// What fails here in a transaction fails again at commit, which says so. Without one a failed delivery is told once.
void KafkaSession::hand_over_early() {
  if (must_abort_ || producer_ == nullptr || phase_ > Phase::kBegun || undelivered_) return;
  if (!transactional() || begin()) {
    auto handed = producer_->hand_over(stage_);
    if (!handed && !transactional() && producer_->remedy() != Remedy::kRetry) undelivered_ = handed.take_error();
  }
  stage_.handed_over();  // not tried again for every record that follows
}

void KafkaSession::end(std::uint32_t partition, std::int64_t offset, Outcome outcome) {
  consumer_->end(partition, offset, outcome);
}

void KafkaSession::hold(const Record& record, const Wait& wait) { consumer_->hold(record, wait); }

Result<void> KafkaSession::commit() {
  if (must_abort()) {
    return Error{Code::kConflict, fmt::format("the unit of group '{}' can no longer be committed, only aborted: "
                                              "another session has its partitions, or what became of it is not known",
                                              spec_.group)};
  }
  if (producer_ == nullptr) EDDY_TRY(open_producer());
  if (auto done = transactional() ? transact() : deliver(); !done) {
    return Error{must_abort() ? Code::kConflict : Code::kUnavailable, done.error().text};
  }
  stage_.clear();
  return {};
}

Result<void> KafkaSession::begin() {
  if (phase_ != Phase::kNone) return {};
  EDDY_TRY(producer_->begin());
  phase_ = Phase::kBegun;
  return {};
}

// Each step is remembered, so that the next call goes on with the one that failed.
Result<void> KafkaSession::transact() {
  if (stage_.empty() && phase_ == Phase::kNone) {
    auto done = consumer_->commit(kPatience);
    if (!done && consumer_->member_lost()) must_abort_ = true;
    return done;
  }
  // What was committed without a transaction must not arrive after it.
  if (phase_ <= Phase::kBegun) EDDY_TRY(consumer_->settle(kPatience));
  if (auto begun = begin(); !begun) return fail(begun.take_error());
  if (phase_ == Phase::kBegun) {
    if (auto handed = producer_->hand_over(stage_); !handed) return fail(handed.take_error());
    const PartitionList positions = consumer_->positions();
    if (positions->cnt > 0) {
      const GroupMetadata member = consumer_->member();
      auto sent = producer_->send_offsets(*positions, *member, kPatience);
      if (!sent) return fail(sent.take_error());
    }
    phase_ = Phase::kPositions;
  }
  if (phase_ == Phase::kPositions) {
    if (auto flushed = producer_->flush(kPatience); !flushed) return fail(flushed.take_error());
    phase_ = Phase::kDeciding;
  }
  if (auto decided = producer_->commit(kPatience); !decided) return fail(decided.take_error());
  phase_ = Phase::kNone;
  consumer_->committed();
  return {};
}

// A step of the transaction has failed.
Error KafkaSession::fail(Error error) {
  const Remedy remedy = producer_->remedy();
  if (remedy == Remedy::kRetry) return error;
  if (remedy == Remedy::kRepeat) {
    // The next one of the same id aborts what this one began. Librdkafka 2.0.2 could abort it too, but after a failed
    // delivery its next transaction may be refused for a gap in its sequence numbers.
    producer_.reset();
    phase_ = Phase::kNone;
    stage_.hand_over_again();
    return error;
  }
  must_abort_ = true;
  if (remedy != Remedy::kRerun) drop_producer();
  return error;
}

// What it was about to do may have happened or not: the next one of the same id finds that settled.
void KafkaSession::drop_producer() {
  producer_.reset();
  phase_ = Phase::kNone;
  must_reload_ = true;
}

// At least once: all is delivered before the positions move.
Result<void> KafkaSession::deliver() {
  if (!stage_.empty()) {
    auto done = undelivered_ ? Result<void>(*std::exchange(undelivered_, std::nullopt)) : producer_->hand_over(stage_);
    if (done) done = producer_->flush(kPatience);
    if (!done) {
      const Remedy remedy = producer_->remedy();
      must_abort_ = remedy == Remedy::kRerun || remedy == Remedy::kRenew;
      if (remedy == Remedy::kRetry) return done;
      producer_.reset();
      stage_.hand_over_again();
      return done;
    }
  }
  consumer_->commit_later();
  return {};
}

Result<void> KafkaSession::abort() {
  if (producer_ != nullptr) {
    bool clean = true;
    if (phase_ == Phase::kDeciding) {
      clean = false;
    } else if (phase_ != Phase::kNone) {
      clean = producer_->abort(kPatience).ok();
    } else if (!transactional() && !stage_.empty()) {
      clean = producer_->flush(kShortPatience).ok();  // what was sent cannot be taken back, only sent again
    }
    if (!clean || producer_->outdated()) drop_producer();
  }
  phase_ = Phase::kNone;
  must_abort_ = false;
  undelivered_.reset();
  stage_.clear();
  if (consumer_->unknown()) must_reload_ = true;
  consumer_->rewind();
  return producer_ == nullptr || must_reload_ ? recover() : Result<void>();
}

Result<void> KafkaSession::recover() {
  if (producer_ == nullptr) EDDY_TRY(open_producer());
  if (must_reload_) EDDY_TRY(consumer_->reload(kPatience));
  must_reload_ = false;
  return {};
}

}  // namespace eddy::host::kafka
