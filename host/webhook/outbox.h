// SPDX-License-Identifier: Apache-2.0
// Notices that wait to be sent to one webhook: few, and none twice.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "webhook/notice.h"

namespace eddy::host::webhook {

struct OutboxLimits {
  std::int64_t repeat_after_us = 3'600'000'000;
  std::uint32_t max_per_minute = 30;
  std::size_t most_waiting = 1000;
};

// Thread-safe.
class Outbox {
 public:
  explicit Outbox(const OutboxLimits& limits) : limits_(limits) {}

  // Never waits. False: it was told already, or there are too many, which are counted.
  bool put(Notice notice, std::int64_t now_us);
  // Puts back what waited when there was an outbox before: it was counted then, so no minute is too full for it.
  void put_back(std::vector<Notice> notices, std::int64_t now_us);

  struct Next {
    Notice notice;
    std::uint64_t left_out = 0;  // since the one before
  };
  std::optional<Next> take();  // waits for one; none: closed. It goes on waiting here until done()
  void done();                 // whoever took the last one has told it, or given it up
  // Waits; false: closed meanwhile.
  bool pause(std::chrono::milliseconds time);
  void close();

  std::vector<Notice> waiting() const;

 private:
  bool told_lately(const Notice& notice, std::int64_t now_us);

  const OutboxLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Notice> waiting_;
  std::unordered_map<std::string, std::int64_t> told_;  // when, by what it was
  std::int64_t minute_ = 0;
  std::uint32_t in_minute_ = 0;
  std::uint64_t left_out_ = 0;
  bool closed_ = false;
};

}  // namespace eddy::host::webhook
