// SPDX-License-Identifier: Apache-2.0
// The stack that a thread's signal handlers run on, so that a stack overflow can be handled.
#pragma once

#include <csignal>
#include <cstddef>

#include "base/result.h"

namespace eddy::host {

// Installed on the thread that calls install(), taken back by the destructor on the same thread.
class AlternateStack {
 public:
  AlternateStack() = default;
  ~AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

  Result<void> install();

 private:
  void* mapping_ = nullptr;
  std::size_t size_ = 0;
  stack_t previous_{};
};

}  // namespace eddy::host
