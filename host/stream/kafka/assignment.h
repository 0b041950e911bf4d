// SPDX-License-Identifier: Apache-2.0
// The partitions that the group has given to a session, as they come and go.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/kafka/client.h"
#include "stream/kafka/place.h"

namespace eddy::host::kafka {

// Not thread-safe. The callback only takes notes: the session decides when its unit of work allows to act on them, and
// librdkafka waits for it.
class Assignment {
 public:
  // `client` must outlive it.
  Assignment(Client& client, std::string topic, std::string group)
      : client_(client), topic_(std::move(topic)), group_(std::move(group)) {}

  void note(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions);  // the rebalance callback

  bool must_give() const { return must_give_; }
  bool lost() const { return lost_; }  // without being asked: another session may have them already
  bool must_take() const { return must_take_; }
  bool must_seek() const { return must_seek_; }
  // Gives away what is asked for; given() names it.
  void give();
  // Answers what was told, for a consumer that is about to go. False: nothing was.
  bool answer();
  // From now on the callback answers: the client is closed, which waits for that without an end.
  void close() { closing_ = true; }
  // Reads how far the group has come and starts fetching there.
  Result<void> take(std::chrono::milliseconds timeout);
  // Sends the fetchers where the places are.
  Result<void> seek(std::chrono::milliseconds timeout);

  void rewind();
  Result<void> reload(std::chrono::milliseconds timeout);  // as rewind, to what the cluster says is committed

  // To be asked now and then while nothing comes. Librdkafka 2.0.2 may stop fetching a partition for good when its
  // leader dies amid rebalances and pauses: one that gives nothing though there is more is sought anew, then taken
  // anew.
  void revive_stalled(std::chrono::milliseconds timeout);

  // Wakes the threads that fetch.
  void nudge() const;

  void pause(bool paused);
  void pause(std::uint32_t partition, bool paused);
  bool paused(const Place& place) const { return paused_ || place.paused; }

  Place* place(std::int32_t partition);          // null: not ours
  std::span<Place> places() { return places_; }  // by partition; look at assigned()
  bool touched() const;
  std::vector<std::uint32_t>& given() { return given_; }

  // The entry of a partition, with its progress, to be committed.
  void add_position(rd_kafka_topic_partition_list_t& list, std::uint32_t partition, const Progress& progress) const;

 private:
  Result<PartitionList> committed(std::span<const std::uint32_t> partitions, std::chrono::milliseconds timeout);
  Progress progress_of(const rd_kafka_topic_partition_t& entry) const;
  void revive(std::uint32_t partition);
  void unassign(const rd_kafka_topic_partition_list_t& partitions);
  void set_paused(std::span<const std::uint32_t> partitions, bool paused);
  PartitionList list_of(std::span<const std::uint32_t> partitions) const;
  std::vector<std::uint32_t> assigned() const;

  Client& client_;
  const std::string topic_;
  const std::string group_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> to_take_;
  std::vector<std::uint32_t> to_give_;
  std::vector<std::uint32_t> given_;
  bool must_take_ = false;
  bool must_give_ = false;
  bool must_seek_ = false;
  bool lost_ = false;
  bool paused_ = false;
  bool closing_ = false;
  bool cooperative_ = true;  // the group's protocol: what is given and taken is told alone, not all that it makes
};

}  // namespace eddy::host::kafka
