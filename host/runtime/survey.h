// SPDX-License-Identifier: Apache-2.0
// The gauges of a scrape: looked up at once where that is cheap, by a thread of its own where a broker must be asked,
// so that no scrape and no health check waits for one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "metrics/metrics.h"

namespace eddy::host {

// Thread-safe.
class Survey {
 public:
  // `every` 0: collect() runs at each get().
  Survey(std::function<Gauges()> collect, std::chrono::milliseconds every);
  ~Survey();

  Gauges get();

 private:
  void loop();

  const std::function<Gauges()> collect_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  Gauges last_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
