// SPDX-License-Identifier: Apache-2.0
// What became of the letters of one redrive, read from the stream of states and from the queues that they fail into:
// exact, whoever sent them and however often that was interrupted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dead_letter/reader.h"
#include "stream/transport.h"

namespace eddy::host {

// Not thread-safe.
class Outcomes {
 public:
  // Of the redrive `id` over `queue`, from a time that is not after its first letter was sent.
  Outcomes(Transport& transport, std::string id, const std::string& queue, std::int64_t since_us);

  // Letters that fail again may be in this queue, too; with each queue comes its parked one.
  void watch(const std::string& queue);
  // Reads what there is since.
  Result<void> catch_up();

  std::uint64_t sent() const { return sent_.size(); }
  std::uint64_t recovered() const { return recovered_; }
  std::uint64_t failed_again() const { return failed_again_; }
  const std::string& last_failure() const { return last_failure_; }  // type and message; empty: none

 private:
  using Place = std::pair<std::string, std::uint32_t>;  // stream, partition

  using Ends = std::vector<Position>;
  using Take = std::function<void(const Record&)>;
  struct Sent {
    std::uint32_t hops = 0;
    bool over = false;  // what became of it is known, and counted
  };
  Result<Ends> ends_of(const std::string& stream);
  Result<void> read_to(const std::string& stream, const Ends& ends, const Take& take);
  void take_state(const Record& record);
  void take_letter(const Record& record);

  Transport& transport_;
  const std::string id_;
  const std::int64_t since_us_;
  std::set<std::string> streams_;  // queues, and their parked ones
  std::map<std::string, std::unique_ptr<Browser>> browsers_;
  std::map<Place, std::int64_t> next_;
  std::unordered_map<std::string, Sent> sent_;  // by id
  std::uint64_t recovered_ = 0, failed_again_ = 0;
  std::string last_failure_;
  LetterReader reader_;
};

}  // namespace eddy::host
