// SPDX-License-Identifier: Apache-2.0
// The gauges of a scrape: looked up at once where that is cheap, by a thread of its own where a broker must be asked,
// so that no scrape and no health check waits for one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "metrics/metrics.h"

namespace eddy::host {

// Thread-safe.
class Survey {
 public:
  // `every` 0: collect() runs at each gauges(), and there is never a trouble.
  Survey(std::function<Result<Gauges>()> collect, std::chrono::milliseconds every);
  ~Survey();

  Gauges gauges();        // the last ones that could be had
  std::string trouble();  // why they could not be had the last time; empty when they could

 private:
  void loop();

  const std::function<Result<Gauges>()> collect_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  Gauges last_;
  std::string trouble_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace eddy::host
