// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/hand.h"

#include <iterator>

namespace eddy::host::kafka {

bool Hand::open(const Message& message) {
  const Place* const place = assignment_.place(message->partition);
  return place != nullptr && place->open(message->offset);
}

void Hand::retire() {
  for (Message& message : given_) {
    if (open(message)) waiting_.push_back(std::move(message));
  }
  given_.clear();
  records_.clear();
  scratch_.clear();
}

void Hand::give_waiting(std::size_t max_records) {
  if (ready_.empty()) return;
  std::vector<Message> stay;
  for (Message& message : ready_) {
    const Place* const place = assignment_.place(message->partition);
    if (place == nullptr) continue;
    if (records_.size() < max_records && !assignment_.paused(*place)) {
      give(std::move(message), *place);
    } else {
      stay.push_back(std::move(message));
    }
  }
  ready_ = std::move(stay);
}

void Hand::give(Message message, const Place& place) {
  Record& record = records_.emplace_back(view(*message, scratch_));
  if (const Wait* wait = place.handed_on(record.offset)) {
    record.attempts = wait->attempts;
    record.due_us = wait->due_us;
  }
  given_.push_back(std::move(message));
}

void Hand::restock() {
  retire();
  if (waiting_.empty()) return;
  std::erase_if(waiting_, [&](const Message& message) { return !open(message); });
  waiting_.insert(waiting_.end(), std::make_move_iterator(ready_.begin()), std::make_move_iterator(ready_.end()));
  ready_ = std::move(waiting_);
  waiting_.clear();
}

void Hand::drop_unassigned() {
  const auto gone = [&](const Message& message) { return assignment_.place(message->partition) == nullptr; };
  std::erase_if(waiting_, gone);
  std::erase_if(ready_, gone);
}

void Hand::clear() {
  given_.clear();
  waiting_.clear();
  ready_.clear();
  records_.clear();
  scratch_.clear();
}

}  // namespace eddy::host::kafka
