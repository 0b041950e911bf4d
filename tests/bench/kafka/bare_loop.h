// SPDX-License-Identifier: Apache-2.0
// Consume, perhaps work, produce, with librdkafka and nothing else: what no host can be much faster than.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace eddy::bench {

struct BareLoop {
  std::string brokers, from, to;
  std::string group;              // a new one for each run
  bool exactly_once = false;      // transactions, with the positions in them
  bool keeps_timestamps = false;  // producev, record by record; else produce_batch
  // What becomes of a value; stays valid until the next call when it is not the value itself. Null: it is passed on.
  std::function<std::string_view(std::string_view value)> work;
  std::uint64_t records = 0;  // then it ends
  std::size_t unit_records = 10'000;
  std::chrono::milliseconds unit{100};
};

// `done`: records whose unit is committed.
void run(const BareLoop& loop, std::atomic<std::uint64_t>& done);

}  // namespace eddy::bench
