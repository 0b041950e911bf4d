// SPDX-License-Identifier: Apache-2.0
// The messages that a session has from the broker and has not done with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/record.h"
#include "stream/kafka/arena.h"
#include "stream/kafka/assignment.h"
#include "stream/kafka/message.h"

namespace eddy::host::kafka {

// Not thread-safe. Each list keeps the order of its partitions.
class Hand {
 public:
  explicit Hand(Assignment& assignment) : assignment_(assignment) {}

  // A poll begins: the records of the last one are no longer valid. Those still open stay in the unit.
  void retire();
  // Hands out what waits here already; records of paused partitions stay.
  void give_waiting(std::size_t max_records);
  void give(Message message, const Place& place);
  void keep(Message message) { ready_.push_back(std::move(message)); }
  std::span<const Record> given() const { return records_; }

  void restock();          // the unit is committed: what is open is to be handed out again
  void drop_unassigned();  // partitions are gone
  void clear();

 private:
  bool open(const Message& message);

  Assignment& assignment_;
  std::vector<Message> given_;    // by the last poll
  std::vector<Message> waiting_;  // given by earlier polls of the unit, still open
  std::vector<Message> ready_;    // to be given
  std::vector<Record> records_;   // of given_
  Arena scratch_;                 // of records_
};

}  // namespace eddy::host::kafka
