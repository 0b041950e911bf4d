// SPDX-License-Identifier: Apache-2.0
// The file that keeps a second host out of a data directory.
#pragma once

#include <string>

#include "base/result.h"

namespace eddy::host::embedded {

// Held from take() to the end of the process or of the object, whichever comes first; kill -9 frees it too. A forked
// child that keeps the descriptor keeps the lock.
class HostLock {
 public:
  HostLock() = default;
  HostLock(HostLock&& other) noexcept;
  HostLock& operator=(HostLock&& other) noexcept;
  ~HostLock();

  // kUnavailable, with the holder's pid, when another host has it.
  static Result<HostLock> take(const std::string& data_dir);

 private:
  explicit HostLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace eddy::host::embedded
