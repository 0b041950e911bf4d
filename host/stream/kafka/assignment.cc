// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/assignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "stream/kafka/offsets.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

// Librdkafka before 2.1.0 takes what is left of a seek's milliseconds for microseconds (its pull request 4230): on a
// busy machine no seek would come through.
int seek_timeout(std::chrono::milliseconds timeout) {
  return ms(timeout) * (rd_kafka_version() < 0x02010000 ? 1000 : 1);
}

std::int64_t start_of(const Progress& progress) {
  return progress.committed() == 0 ? std::int64_t{RD_KAFKA_OFFSET_BEGINNING} : progress.committed();
}

}  // namespace

void Assignment::note(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
  std::vector<std::uint32_t>& noted = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? to_take_ : to_give_;
  for (int i = 0; i < partitions.cnt; ++i) noted.push_back(static_cast<std::uint32_t>(partitions.elems[i].partition));
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    must_take_ = true;
  } else {
    must_give_ = true;
    if (rd_kafka_assignment_lost(client_.get()) != 0) lost_ = true;
  }
  if (!closing_) {
    cooperative_ = client_.rebalance_protocol() == "COOPERATIVE";
    return;
  }
  // What a closing client is given it is asked back at once, and one answer counts for both: after it the client may be
  // closed, and would answer nothing itself. Nothing is not asked back.
  if (must_give_ || (to_take_.empty() && assigned().empty())) answer();
}

bool Assignment::answer() {
  if (!must_give_ && !must_take_) return false;
  if (must_give_) give();
  if (!must_take_) return true;
  for (const std::uint32_t partition : to_take_) {
    if (partition >= places_.size()) places_.resize(partition + 1);
    places_[partition].start(Progress(0));  // nobody will read there
  }
  const KafkaError error(rd_kafka_incremental_assign(client_.get(), list_of(to_take_).get()));
  if (error != nullptr) rd_kafka_assign(client_.get(), nullptr);
  to_take_.clear();
  must_take_ = false;
  return true;
}

// What was not taken yet is not ours to give: the group gives it anew.
void Assignment::give() {
  std::erase_if(to_give_,
                [&](std::uint32_t partition) { return place(static_cast<std::int32_t>(partition)) == nullptr; });
  unassign(*list_of(to_give_));
  for (const std::uint32_t partition : to_give_) {
    places_[partition] = Place();
    given_.push_back(partition);
  }
  to_take_.clear();
  to_give_.clear();
  must_take_ = must_give_ = lost_ = false;
}

void Assignment::unassign(const rd_kafka_topic_partition_list_t& partitions) {
  if (cooperative_) {
    const KafkaError error(rd_kafka_incremental_unassign(client_.get(), &partitions));
    if (error == nullptr) return;
    log(LogLevel::kWarn, client_.where(),
        client_.explain({"giving partitions back of", topic_, group_, {}, {}}, *error).text);
  }
  rd_kafka_assign(client_.get(), nullptr);
  to_give_ = assigned();
}

Result<void> Assignment::take(std::chrono::milliseconds timeout) {
  EDDY_ASSIGN(const PartitionList list, committed(to_take_, timeout));
  for (rd_kafka_topic_partition_t& entry : entries(*list)) {
    const auto partition = static_cast<std::size_t>(entry.partition);
    if (partition >= places_.size()) places_.resize(partition + 1);
    places_[partition] = Place();
    places_[partition].start(progress_of(entry));
    entry.offset = start_of(places_[partition].stored());
  }
  const KafkaError error(rd_kafka_incremental_assign(client_.get(), list.get()));
  if (error != nullptr) {
    for (const std::uint32_t partition : to_take_) places_[partition] = Place();
    return client_.explain({"taking partitions of", topic_, group_, {}, "Read"}, *error);
  }
  if (paused_) set_paused(to_take_, true);
  to_take_.clear();
  must_take_ = false;
  return {};
}

Result<PartitionList> Assignment::committed(std::span<const std::uint32_t> partitions,
                                            std::chrono::milliseconds timeout) {
  PartitionList list = list_of(partitions);
  if (partitions.empty()) return list;
  const Act act{"reading the positions of", topic_, group_, {}, "Read"};
  const rd_kafka_resp_err_t code = rd_kafka_committed(client_.get(), list.get(), ms(timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return client_.explain(act, code);
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return client_.explain(act, entry.err);
  }
  return list;
}

Progress Assignment::progress_of(const rd_kafka_topic_partition_t& entry) const {
  if (entry.offset < 0) return Progress(0);
  auto progress = Progress::decode(entry.offset, {static_cast<const char*>(entry.metadata), entry.metadata_size});
  if (progress) return *std::move(progress);
  log(LogLevel::kWarn, client_.where(),
      fmt::format("group '{}', partition {} of topic '{}': {}; counting starts anew there", group_, entry.partition,
                  topic_, progress.error().text));
  return Progress(entry.offset);
}

Result<void> Assignment::seek(std::chrono::milliseconds timeout) {
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t partition = 0; partition < places_.size(); ++partition) {
    if (places_[partition].assigned() && places_[partition].must_seek) wanted.push_back(partition);
  }
  must_seek_ = false;
  if (wanted.empty()) return {};
  const PartitionList list = list_of(wanted);
  for (rd_kafka_topic_partition_t& entry : entries(*list)) {
    entry.offset = start_of(places_[static_cast<std::size_t>(entry.partition)].stored());
  }
  const KafkaError error(rd_kafka_seek_partitions(client_.get(), list.get(), seek_timeout(timeout)));
  if (error != nullptr) {
    must_seek_ = true;
    return client_.explain({"going back in", topic_, group_, {}, "Read"}, *error);
  }
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) {
    // Not fetching yet, for one: asked again at the next poll.
    const bool done = entry.err == RD_KAFKA_RESP_ERR_NO_ERROR;
    places_[static_cast<std::size_t>(entry.partition)].must_seek = !done;
    must_seek_ = must_seek_ || !done;
  }
  return {};
}

void Assignment::rewind() {
  for (Place& place : places_) {
    if (place.assigned() && place.rewind()) must_seek_ = true;
  }
}

Result<void> Assignment::reload(std::chrono::milliseconds timeout) {
  EDDY_ASSIGN(const PartitionList list, committed(assigned(), timeout));
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) {
    Place& place = places_[static_cast<std::size_t>(entry.partition)];
    place.start(progress_of(entry));
    place.must_seek = true;
    must_seek_ = true;
  }
  return {};
}

void Assignment::revive_stalled(std::chrono::milliseconds timeout) {
  std::vector<std::uint32_t> quiet;
  for (const std::uint32_t partition : assigned()) {
    Place& place = places_[partition];
    if (place.quiet() && !paused(place)) {
      quiet.push_back(partition);
    } else {
      place.stalled = 0;
    }
  }
  if (quiet.empty()) return;
  const PartitionList list = list_of(quiet);
  for (rd_kafka_topic_partition_t& entry : entries(*list)) entry.offset = kEnd;
  if (rd_kafka_offsets_for_times(client_.get(), list.get(), ms(timeout)) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (const rd_kafka_topic_partition_t& entry : entries(*list)) {
    Place& place = places_[static_cast<std::size_t>(entry.partition)];
    const bool more = entry.err == RD_KAFKA_RESP_ERR_NO_ERROR && entry.offset > place.next();
    place.stalled = more ? place.stalled + 1 : 0;
    if (place.stalled > 1) revive(static_cast<std::uint32_t>(entry.partition));
  }
}

void Assignment::revive(std::uint32_t partition) {
  Place& place = places_[partition];
  log(LogLevel::kWarn, client_.where(),
      fmt::format(
          "group '{}', partition {} of topic '{}': nothing comes from {} on, though there is more; it is fetched "
          "anew",
          group_, partition, topic_, place.next()));
  const PartitionList list = list_of({&partition, 1});
  if (place.stalled > 2) {
    const KafkaError gone(rd_kafka_incremental_unassign(client_.get(), list.get()));  // fails if it was not there
    list->elems[0].offset = start_of(place.stored());
    const KafkaError back(rd_kafka_incremental_assign(client_.get(), list.get()));
    if (back == nullptr) return;
    log(LogLevel::kWarn, client_.where(),
        client_.explain({"taking partitions of", topic_, group_, {}, "Read"}, *back).text);
    return;
  }
  const struct rd_kafka_metadata* found = nullptr;  // who leads is looked up by the way
  if (rd_kafka_metadata(client_.get(), 1, nullptr, &found, 1000) == 0) rd_kafka_metadata_destroy(found);
  rd_kafka_resume_partitions(client_.get(), list.get());
  place.must_seek = true;
  must_seek_ = true;
}

void Assignment::nudge() const {
  const PartitionList list = list_of(assigned());
  for (rd_kafka_topic_partition_t& entry : entries(*list)) entry.offset = kEnd;
  if (list->cnt > 0) rd_kafka_offsets_for_times(client_.get(), list.get(), 0);
}

void Assignment::pause(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  std::vector<std::uint32_t> changed = assigned();
  std::erase_if(changed, [&](std::uint32_t partition) { return places_[partition].paused; });
  set_paused(changed, paused);
}

void Assignment::pause(std::uint32_t partition, bool paused) {
  Place* const it = place(static_cast<std::int32_t>(partition));
  if (it == nullptr || it->paused == paused) return;
  it->paused = paused;
  if (!paused_) set_paused({&partition, 1}, paused);
}

void Assignment::set_paused(std::span<const std::uint32_t> partitions, bool paused) {
  if (partitions.empty()) return;
  const PartitionList list = list_of(partitions);
  if (paused) {
    rd_kafka_pause_partitions(client_.get(), list.get());
  } else {
    rd_kafka_resume_partitions(client_.get(), list.get());
  }
}

Place* Assignment::place(std::int32_t partition) {
  const auto index = static_cast<std::size_t>(partition);
  return index < places_.size() && places_[index].assigned() ? &places_[index] : nullptr;
}

bool Assignment::touched() const { return std::ranges::any_of(places_, &Place::touched); }

std::vector<std::uint32_t> Assignment::assigned() const {
  std::vector<std::uint32_t> partitions;
  for (std::uint32_t partition = 0; partition < places_.size(); ++partition) {
    if (places_[partition].assigned()) partitions.push_back(partition);
  }
  return partitions;
}

PartitionList Assignment::list_of(std::span<const std::uint32_t> partitions) const {
  PartitionList list = make_list(partitions.size());
  for (const std::uint32_t partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), static_cast<std::int32_t>(partition));
  }
  return list;
}

void Assignment::add_position(rd_kafka_topic_partition_list_t& list, std::uint32_t partition,
                              const Progress& progress) const {
  rd_kafka_topic_partition_t* const entry =
      rd_kafka_topic_partition_list_add(&list, topic_.c_str(), static_cast<std::int32_t>(partition));
  const std::string text = progress.encode();
  entry->offset = progress.committed();
  entry->metadata = std::malloc(text.size());  // the list frees it
  entry->metadata_size = text.size();
  std::memcpy(entry->metadata, text.data(), text.size());
}

}  // namespace eddy::host::kafka
