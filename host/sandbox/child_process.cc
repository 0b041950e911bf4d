// SPDX-License-Identifier: Apache-2.0
#include "sandbox/child_process.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

namespace eddy::host {
namespace {

// Not in the C library's headers of Debian 12 for C++.
constexpr auto kPidfd = static_cast<idtype_t>(3);  // P_PIDFD

std::chrono::microseconds time_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

ExitStatus status_of(const siginfo_t& info, const rusage& usage) {
  const auto cpu = time_of(usage.ru_utime) + time_of(usage.ru_stime);
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .cpu = cpu};
  return {.signal = info.si_status, .cpu = cpu};
}

}  // namespace

ChildProcess::ChildProcess(std::shared_ptr<Reaper> reaper, std::uint64_t watch, pid_t pid, FileDescriptor pidfd,
                           FileDescriptor lifeline)
    : reaper_(std::move(reaper)), watch_(watch), pid_(pid), pidfd_(std::move(pidfd)), lifeline_(std::move(lifeline)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(reaper_, other.reaper_);
  std::swap(watch_, other.watch_);
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(lifeline_, other.lifeline_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  reaper_->forget(watch_);
  kill();
  wait();
}

bool ChildProcess::alive() const { return pid_ != 0 && !status_ && !ended_within(0); }

void ChildProcess::kill() const {
  // Until it is collected its number is its own, and its group's.
  if (pid_ == 0 || status_) return;
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  ::kill(-pid_, SIGKILL);
}

bool ChildProcess::ended_within(int milliseconds) const {
  pollfd wanted{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, milliseconds) > 0;
}

ExitStatus ChildProcess::wait() {
  if (status_ || pid_ == 0) return status_.value_or(ExitStatus{.known = false});
  while (!ended_within(-1)) continue;
  kill();  // what it has started; its number is still taken
  siginfo_t info{};
  rusage usage{};
  long result = 0;
  do {  // the C library's own has no place for what the process used
    result = syscall(SYS_waitid, kPidfd, pidfd_.get(), &info, WEXITED, &usage);
  } while (result != 0 && errno == EINTR);
  status_ = result == 0 ? status_of(info, usage) : ExitStatus{.known = false};
  return *status_;
}

std::optional<ExitStatus> ChildProcess::wait_for(std::chrono::milliseconds at_most) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + at_most;
  while (!status_ && !ended_within(static_cast<int>(std::clamp<std::int64_t>(
                         std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count(), 0, INT_MAX)))) {
    if (Clock::now() >= deadline) return std::nullopt;  // else a signal came
  }
  return wait();
}

}  // namespace eddy::host
