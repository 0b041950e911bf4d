// SPDX-License-Identifier: Apache-2.0
#include "runtime/survey.h"

#include <utility>

namespace eddy::host {

Survey::Survey(std::function<Result<Gauges>()> collect, std::chrono::milliseconds every)
    : collect_(std::move(collect)), every_(every) {
  if (every_.count() > 0) thread_ = std::thread([this] { loop(); });
}

Survey::~Survey() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Gauges Survey::gauges() {
  if (every_.count() == 0) {
    auto now = collect_();
    return now ? *std::move(now) : Gauges();
  }
  const std::lock_guard lock(mutex_);
  return last_;
}

std::string Survey::trouble() {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Survey::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    auto now = collect_();
    lock.lock();
    trouble_ = now ? "" : now.error().text;
    if (now) last_ = *std::move(now);
    changed_.wait_for(lock, every_, [&] { return stopping_; });
  }
}

}  // namespace eddy::host
