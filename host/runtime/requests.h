// SPDX-License-Identifier: Apache-2.0
// What operators ask the control thread to do, and wait for.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace eddy::host {

struct Request {
  enum class Kind : std::uint8_t { kRelease, kRollback };
  Kind kind = Kind::kRelease;
  std::string plugin;
  std::promise<Result<void>> answer;
};

// Thread-safe.
class Requests {
 public:
  // `wake` makes the control thread look. [any thread]
  explicit Requests(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Waits for the answer. kUnavailable when the host ends, or does not come to it in time: it may still be done then.
  // [any thread but the control thread]
  Result<void> ask(Request::Kind kind, std::string plugin);

  // [control thread]
  std::optional<Request> next();
  // From now on nothing is done any more.
  void close();

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<Request> waiting_;
  bool closed_ = false;
};

}  // namespace eddy::host
