// SPDX-License-Identifier: Apache-2.0
// A member of a group: polls one topic, and keeps how far it has come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/kafka/assignment.h"
#include "stream/kafka/client.h"
#include "stream/kafka/hand.h"
#include "stream/kafka/offset_commit.h"
#include "stream/kafka/signal.h"

namespace eddy::host::kafka {

struct ConsumerSpec {
  std::string topic;
  std::string group;
  std::string instance_id;  // empty: not a static member
  std::string where;        // for log lines
};

// The reading half of a session, as Session says. Not thread-safe, wake() excepted.
class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> open(const KafkaOptions& options, const ConsumerSpec& spec);
  ~Consumer();  // leaves the group

  // `writing`: the unit has writes.
  Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records, bool writing);
  void end(std::uint32_t partition, std::int64_t offset, Outcome outcome);
  void hold(const Record& record, const Wait& wait);
  void pause(bool paused);
  void pause(std::uint32_t partition, bool paused);
  std::span<const std::uint32_t> lost() { return assignment_.given(); }
  void wake();

  // The topic has more partitions than before: the group is to divide them now, not at its next look.
  void look_for_partitions();

  // The unit's partitions were taken away: it can only be aborted.
  bool unit_lost() const { return assignment_.lost() && assignment_.touched(); }

  // Commit in a transaction: positions, which may be none, and the member to commit them as; then committed().
  PartitionList positions();
  GroupMetadata member() const;
  void committed();
  // Commit without a transaction. Nothing of it is stored, or all; on a time-out not known yet: to be called again, or
  // reload().
  Result<void> commit(std::chrono::milliseconds timeout);
  // Commit without a transaction, and without waiting: what was not stored is read again after a crash.
  void commit_later();
  // What became of a unit's commit() is not known.
  bool unknown() const { return unit_sent_; }
  // Waits for what was not waited for.
  Result<void> settle(std::chrono::milliseconds timeout);
  // The last commit() failed because the group has gone on without this member.
  bool member_lost() const { return membership_lost(commit_error_); }

  void rewind();                                           // to the last commit
  Result<void> reload(std::chrono::milliseconds timeout);  // to what the cluster has

 private:
  Consumer(std::unique_ptr<Client> client, const ConsumerSpec& spec);
  Result<void> subscribe();
  Result<bool> rebalance(bool unit_open);
  Result<std::size_t> read(std::size_t max_records);
  void take_in(Message message);
  void keep_fetching(std::size_t taken, std::size_t taken_bytes);
  void note_error(const rd_kafka_message_t& message);
  [[nodiscard]] bool finish_joining();
  void answer_all();
  void idle();
  Result<void> check_trouble();
  void commit_passed();
  void send_owed();
  bool wait_for_answer(std::chrono::milliseconds timeout);
  Error explain(rd_kafka_resp_err_t code, std::string doing, std::string_view detail = {}) const;
  Error explain_commit() const { return explain(commit_error_, "committing the positions of"); }

  const ConsumerSpec spec_;
  std::unique_ptr<Client> client_;
  Assignment assignment_;
  Hand hand_;
  OffsetCommit commit_;
  Queue queue_;
  Signal arrival_;  // by librdkafka: its queue is no longer empty
  Signal wake_;
  std::atomic<bool> woken_ = false;
  std::vector<rd_kafka_message_t*> raw_;
  std::size_t queue_bytes_;  // at which librdkafka stops fetching
  bool queue_was_full_ = false;
  std::size_t record_bytes_ = 0;                       // of the usual record, sixteenfold
  std::set<std::uint32_t> owed_;                       // partitions whose stored progress the cluster has not been told
  std::set<std::uint32_t> sent_;                       // those of the commit that is outstanding
  bool unit_sent_ = false;                             // the commit that is outstanding is a unit's
  std::chrono::steady_clock::time_point next_look_{};  // for stalled partitions
  bool asked_to_end_ = false;
  bool joined_ = false;  // the group was divided at least once since this member came
  rd_kafka_resp_err_t commit_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_resp_err_t trouble_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // that a message told
  std::string trouble_text_;
};

}  // namespace eddy::host::kafka
