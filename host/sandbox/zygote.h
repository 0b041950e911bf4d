// SPDX-License-Identifier: Apache-2.0
// Makes child processes: quickly, because they are copies of a small process and not of the host, and cleanly, because
// that process has one thread and nothing of the host's.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "sandbox/child_process.h"
#include "sandbox/child_role.h"
#include "sandbox/reaper.h"
#include "sandbox/zygote_main.h"

namespace eddy::host {

struct SpawnRequest {
  ChildRole role = ChildRole::kWorker;
  std::string name{};      // in ps, after "eddy:"; 10 characters are seen
  std::string payload{};   // for child_main; 128 KiB less some bytes at most
  std::vector<int> fds{};  // stay the caller's; 15 at most
};

// [any thread]. Start it early: its memory is what every child begins with. Children do not outlive it.
class Zygote {
 public:
  // Executes this program again, as the zygote: its main() must begin with zygote_main(). Collects what an earlier
  // image of this process, before it executed itself anew, has left.
  static Result<std::unique_ptr<Zygote>> start();
  ~Zygote();

  // `on_death`: on the reaper's thread, once, maybe before this returns; it must not block, and may end the
  // ChildProcess but not the Zygote. A zygote that has died is started again.
  Result<ChildProcess> spawn(const SpawnRequest& request, std::function<void()> on_death);

  pid_t pid() const;  // of the zygote itself; for tests

 private:
  Zygote() = default;
  Result<void> launch();
  void bury();
  struct Born {
    pid_t pid = 0;
    FileDescriptor pidfd;
  };
  Result<Born> ask(std::string_view message, const std::vector<int>& fds);

  std::shared_ptr<Reaper> reaper_;
  mutable std::mutex mutex_;
  FileDescriptor socket_;
  pid_t pid_ = 0;  // 0: none runs
};

}  // namespace eddy::host
