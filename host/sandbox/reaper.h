// SPDX-License-Identifier: Apache-2.0
// One thread that hears of the deaths of child processes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

// Tells, does not collect: that is ChildProcess::wait(). Thread-safe.
class Reaper {
 public:
  static Result<std::shared_ptr<Reaper>> start();
  ~Reaper();

  // Ends the thread; nobody is told of any death afterwards. Not on the reaper's own thread.
  void stop();

  // Calls on_death once, on the reaper's thread, when that process has died. The number is for forget().
  Result<std::uint64_t> watch(int pidfd, std::function<void()> on_death);
  // on_death is not called any more; it is not running either when this returns, unless it is the caller itself.
  void forget(std::uint64_t id);

  // Runs this on the reaper's thread and waits for it. A process whose parent death signal is set dies when the thread
  // that made it ends: this one lives as long as it must.
  void run(const std::function<void()>& task);

 private:
  Reaper() = default;
  void loop();
  void tell(std::uint64_t id);
  void run_tasks();
  void wake() const;

  FileDescriptor epoll_;
  FileDescriptor wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, std::function<void()>> watched_;
  std::vector<const std::function<void()>*> tasks_;
  std::uint64_t last_id_ = 0;  // 0 is wake_
  std::uint64_t telling_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace eddy::host
