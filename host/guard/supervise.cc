// SPDX-License-Identifier: Apache-2.0
#include "guard/supervise.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "base/log.h"
#include "guard/restart.h"
#include "guard/symbolise.h"

namespace eddy::host {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kExecutionFailed = 126;

// The signals the supervisor waits for instead of being interrupted by. Put back at the end.
class WaitedSignals {
 public:
  WaitedSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~WaitedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;

  const sigset_t& before() const { return before_; }

  // The next of them, or nothing when `limit` (if given) has passed.
  std::optional<siginfo_t> wait(std::optional<Clock::time_point> limit) const {
    siginfo_t info{};
    for (;;) {
      if (!limit) {
        if (sigwaitinfo(&set_, &info) > 0) return info;
        continue;
      }
      const auto left = std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds(*limit - Clock::now()));
      const timespec time{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
      if (sigtimedwait(&set_, &info, &time) > 0) return info;
      if (errno == EAGAIN) return std::nullopt;
    }
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

[[noreturn]] void become_child(char* const* arguments, const sigset_t& mask, pid_t supervisor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) _exit(0);  // it died before the line above
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  execv("/proc/self/exe", arguments);
  _exit(kExecutionFailed);
}

class Supervisor {
 public:
  Supervisor(const std::vector<std::string>& arguments, const SuperviseOptions& options)
      : texts_(arguments), options_(options), delay_(options.first_delay) {
    for (std::string& text : texts_) arguments_.push_back(text.data());
    arguments_.push_back(nullptr);
  }

  Result<int> run() {
    for (;;) {
      EDDY_TRY(start());
      const int status = wait_for_death();
      if (ends(status)) return exit_code(status);
      if (Clock::now() - started_ >= options_.healthy_after) delay_ = options_.first_delay;
      log(LogLevel::kError, "supervise",
          fmt::format("the host (process {}) {}; starting it again in {} ms", child_, death(status), delay_.count()));
      if (!pause()) return 0;
      delay_ = std::min(delay_ * 2, options_.longest_delay);
    }
  }

 private:
  Result<void> start() {
    const pid_t supervisor = getpid();
    started_ = Clock::now();
    child_ = fork();
    if (child_ == 0) become_child(arguments_.data(), signals_.before(), supervisor);
    if (child_ > 0) return {};
    return Error{Code::kUnavailable, std::string("supervise: cannot start the host: ") + std::strerror(errno)};
  }

  int wait_for_death() {
    for (;;) {
      int status = 0;
      if (waitpid(child_, &status, WNOHANG) == child_) return status;
      if (const auto info = signals_.wait(std::nullopt)) pass_on(*info, child_);
    }
  }

  void pass_on(const siginfo_t& info, pid_t child) {
    if (info.si_signo == SIGCHLD) return;
    if (info.si_signo != SIGHUP) stopping_ = true;
    // A terminal has given its Ctrl-C to the child already.
    if (child > 0 && info.si_code != SI_KERNEL) kill(child, info.si_signo);
  }

  // False when it is time to stop instead.
  bool pause() {
    const Clock::time_point until = Clock::now() + delay_;
    while (!stopping_) {
      const auto info = signals_.wait(until);
      if (!info) return true;
      pass_on(*info, 0);
    }
    return false;
  }

  bool ends(int status) const {
    if (stopping_) return true;
    if (!WIFEXITED(status)) return false;
    const int code = WEXITSTATUS(status);
    return code == 0 || code == 64 || code == 65 || code == 78 || code == kExecutionFailed;
  }

  static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

  static std::string death(int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == kRestartExit) return "asked to be restarted";
    if (WIFEXITED(status)) return fmt::format("exited with {}", WEXITSTATUS(status));
    return fmt::format("was killed by {} (signal {}){}", signal_name(WTERMSIG(status)), WTERMSIG(status),
                       WCOREDUMP(status) ? ", core dumped" : "");
  }

  std::vector<std::string> texts_;
  std::vector<char*> arguments_;
  const SuperviseOptions options_;
  const WaitedSignals signals_;
  milliseconds delay_;
  Clock::time_point started_;
  pid_t child_ = 0;
  bool stopping_ = false;
};

}  // namespace

Result<int> supervise(const std::vector<std::string>& arguments, const SuperviseOptions& options) {
  if (arguments.empty())
    return Error{Code::kInternal, "supervise: expected at least the program's name, found nothing"};
  return Supervisor(arguments, options).run();
}

}  // namespace eddy::host
