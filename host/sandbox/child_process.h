// SPDX-License-Identifier: Apache-2.0
// A process that the zygote made for us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>

#include "base/file_descriptor.h"
#include "sandbox/exit_status.h"
#include "sandbox/reaper.h"

namespace eddy::host {

// Move-only. One thread at a time. Its end kills the process and collects it; its on_death does not run afterwards.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(std::shared_ptr<Reaper> reaper, std::uint64_t watch, pid_t pid, FileDescriptor pidfd,
               FileDescriptor lifeline);
  ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  bool alive() const;
  // SIGKILL to it and to whatever it has started.
  void kill() const;

  ExitStatus wait();                                                      // blocks until it has ended
  std::optional<ExitStatus> wait_for(std::chrono::milliseconds at_most);  // none: it still runs

 private:
  bool ended_within(int milliseconds) const;

  std::shared_ptr<Reaper> reaper_;
  std::uint64_t watch_ = 0;
  pid_t pid_ = 0;
  FileDescriptor pidfd_;
  FileDescriptor lifeline_;  // when it closes, the kernel kills the child (child_setup.h)
  std::optional<ExitStatus> status_;
};

}  // namespace eddy::host
