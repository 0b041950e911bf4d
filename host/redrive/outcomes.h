// SPDX-License-Identifier: Apache-2.0
// What became of the letters of one redrive, read from the stream of states and from the queue: exact, whoever sent
// them and however often that was interrupted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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
  Outcomes(Transport& transport, std::string id, std::string queue, std::int64_t since_us);

  // Reads what there is since.
  Result<void> catch_up();

  std::uint64_t sent() const { return sent_.size() + recovered_ + failed_again_; }
  std::uint64_t recovered() const { return recovered_; }
  std::uint64_t failed_again() const { return failed_again_; }
  const std::string& last_failure() const { return last_failure_; }  // type and message; empty: none

 private:
  using Place = std::pair<std::string, std::uint32_t>;  // stream, partition

  using Ends = std::vector<Position>;
  using Take = std::function<void(const Record&)>;
  Result<Ends> ends_of(const std::string& stream);
  Result<void> read_to(const std::string& stream, const Ends& ends, const Take& take);
  void take_state(const Record& record);
  void take_letter(const Record& record);

  Transport& transport_;
  const std::string id_, queue_;
  const std::int64_t since_us_;
  std::map<std::string, std::unique_ptr<Browser>> browsers_;
  std::map<Place, std::int64_t> next_;
  std::unordered_map<std::string, std::uint32_t> sent_;  // id and hops, of those whose outcome is not known
  std::uint64_t recovered_ = 0, failed_again_ = 0;
  std::string last_failure_;
  LetterReader reader_;
};

}  // namespace eddy::host
