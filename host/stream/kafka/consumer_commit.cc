// SPDX-License-Identifier: Apache-2.0
// How a consumer stores its positions.
#include "base/log.h"
#include "stream/kafka/consumer.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

}  // namespace

PartitionList Consumer::positions() {
  PartitionList list = make_list();
  const std::span<Place> places = assignment_.places();
  for (std::uint32_t partition = 0; partition < places.size(); ++partition) {
    Place& place = places[partition];
    if (place.prepare() || owed_.contains(partition)) assignment_.add_position(*list, partition, place.pending());
  }
  return list;
}

void Consumer::committed() {
  for (Place& place : assignment_.places()) {
    if (place.assigned()) place.commit();
  }
  owed_.clear();
  hand_.restock();
}

Result<void> Consumer::commit(milliseconds timeout) {
  if (!unit_sent_) {
    EDDY_TRY(settle(timeout));
    const PartitionList list = positions();
    if (list->cnt == 0) {
      committed();
      return {};
    }
    commit_.send(*list);
    unit_sent_ = true;
  }
  if (!wait_for_answer(timeout)) {
    commit_error_ = RD_KAFKA_RESP_ERR__TIMED_OUT;
    return explain_commit();
  }
  if (commit_error_ != RD_KAFKA_RESP_ERR_NO_ERROR) return explain_commit();
  committed();
  return {};
}

// False: no answer in time. Else commit_error_ is what it says.
bool Consumer::wait_for_answer(milliseconds timeout) {
  const auto code = commit_.wait(timeout);
  if (!code) return false;
  commit_error_ = *code;
  if (!unit_sent_ && *code != RD_KAFKA_RESP_ERR_NO_ERROR) owed_.insert(sent_.begin(), sent_.end());
  unit_sent_ = false;
  sent_.clear();
  return true;
}

void Consumer::commit_later() {
  commit_passed();
  hand_.restock();
}

void Consumer::commit_passed() {
  const std::span<Place> places = assignment_.places();
  for (std::uint32_t partition = 0; partition < places.size(); ++partition) {
    if (!places[partition].prepare()) continue;
    places[partition].commit();
    owed_.insert(partition);
  }
  if (!commit_.outstanding() || wait_for_answer(milliseconds(0))) send_owed();
}

void Consumer::send_owed() {
  const PartitionList list = make_list();
  for (const std::uint32_t partition : owed_) {
    const Place* const place = assignment_.place(static_cast<std::int32_t>(partition));
    if (place != nullptr) assignment_.add_position(*list, partition, place->stored());
  }
  sent_ = std::exchange(owed_, {});
  if (list->cnt > 0) commit_.send(*list);
}

Result<void> Consumer::settle(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  while (commit_.outstanding() || !owed_.empty()) {
    if (!commit_.outstanding()) send_owed();
    if (!commit_.outstanding()) break;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (!wait_for_answer(std::max(left, milliseconds(0)))) commit_error_ = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (commit_error_ != RD_KAFKA_RESP_ERR_NO_ERROR) return explain_commit();
  }
  return {};
}

// Between units, when nothing comes: markers at the end count as passed, so that no lag stays.
void Consumer::idle() {
  if (assignment_.must_give() || assignment_.must_take()) return;
  commit_passed();
  const auto settled = settle(kShortPatience);
  if (settled || member_lost() || commit_error_ == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS) return;
  log_limited(LogLevel::kWarn, spec_.where, "kafka idle", settled.error().text);
}

}  // namespace eddy::host::kafka
