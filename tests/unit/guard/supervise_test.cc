// SPDX-License-Identifier: Apache-2.0
#include "guard/supervise.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "guard/restart.h"
#include "guard/slot.h"
#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

using std::chrono::milliseconds;

// What the supervised child does: the n-th run follows the n-th word of EDDY_TEST_SCRIPT. It counts its runs in a file,
// one byte each, and says on a pipe that it is there.
constexpr const char* kChild = "SupervisedChild.DISABLED_FollowsTheScript";

void say_ready() {
  if (::write(std::atoi(std::getenv("EDDY_TEST_READY")), "r", 1) != 1) _exit(99);
}

TEST(SupervisedChild, DISABLED_FollowsTheScript) {
  const std::string counter = std::getenv("EDDY_TEST_COUNTER");
  std::ofstream(counter, std::ios::app) << '.';
  std::istringstream script(std::getenv("EDDY_TEST_SCRIPT"));
  std::string word;
  for (std::uintmax_t run = std::filesystem::file_size(counter); run > 0; --run) script >> word;
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (word == "kill") raise(SIGKILL);
  if (word == "restart") _exit(kRestartExit);
  if (word == "wait") {
    say_ready();
    for (;;) pause();
  }
  if (word == "term") {  // stops as a host does
    std::signal(SIGTERM, [](int) { _exit(0); });
    say_ready();
    for (;;) pause();
  }
  _exit(std::atoi(word.c_str()));
}

class Supervise : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "supervise_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ASSERT_EQ(pipe(ready_), 0);
  }
  void TearDown() override {
    close(ready_[0]);
    close(ready_[1]);
    std::filesystem::remove_all(folder_);
  }

  pid_t start(const std::string& script) {
    const pid_t supervisor = fork();
    if (supervisor != 0) return supervisor;
    setenv("EDDY_TEST_SCRIPT", script.c_str(), 1);
    setenv("EDDY_TEST_COUNTER", (folder_ + "/runs").c_str(), 1);
    setenv("EDDY_TEST_READY", std::to_string(ready_[1]).c_str(), 1);
    const SuperviseOptions quick{milliseconds(1), milliseconds(4), milliseconds(60'000)};
    const auto code = supervise(
        {"unit_guard", std::string("--gtest_filter=") + kChild, "--gtest_also_run_disabled_tests", "--gtest_brief=1"},
        quick);
    _exit(code ? *code : 98);
  }

  static int wait_for(pid_t supervisor) {
    int status = 0;
    waitpid(supervisor, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void wait_until_ready() {
    char byte = 0;
    ASSERT_EQ(::read(ready_[0], &byte, 1), 1);
  }
  std::uintmax_t runs() const { return std::filesystem::file_size(folder_ + "/runs"); }

  std::string folder_;
  int ready_[2] = {-1, -1};
};

TEST_F(Supervise, StartsItAgainUntilItEndsByItself) {
  EXPECT_EQ(wait_for(start("kill restart 1 69 kill 0")), 0);
  EXPECT_EQ(runs(), 6U);
}

TEST_F(Supervise, DoesNotTryAgainWhatCannotHelp) {
  for (const int code : {64, 65, 78}) {
    std::filesystem::remove(folder_ + "/runs");
    EXPECT_EQ(wait_for(start(std::to_string(code) + " 0")), code);
    EXPECT_EQ(runs(), 1U);
  }
}

TEST_F(Supervise, PassesTheSignalOnAndStops) {
  const pid_t supervisor = start("term 1");
  wait_until_ready();
  kill(supervisor, SIGTERM);
  EXPECT_EQ(wait_for(supervisor), 0);
  EXPECT_EQ(runs(), 1U);
}

TEST_F(Supervise, AHangupIsPassedOnAndDoesNotStop) {
  const pid_t supervisor = start("wait 0");  // dies by the hangup, is started again
  wait_until_ready();
  kill(supervisor, SIGHUP);
  EXPECT_EQ(wait_for(supervisor), 0);
  EXPECT_EQ(runs(), 2U);
}

TEST_F(Supervise, TheChildDiesWithIt) {
  const pid_t supervisor = start("wait");
  wait_until_ready();
  close(ready_[1]);
  ready_[1] = -1;
  kill(supervisor, SIGKILL);
  EXPECT_EQ(wait_for(supervisor), -SIGKILL);
  char byte = 0;
  EXPECT_EQ(::read(ready_[0], &byte, 1), 0) << "the pipe ends when the child, its last writer, is gone";
}

TEST(SuperviseArguments, MayNotBeEmpty) { EXPECT_FALSE(supervise({}).ok()); }

// Its first run restarts itself, the second says what it found by its exit code.
TEST(RestartedChild, DISABLED_RestartsItself) {
  ASSERT_TRUE(install_guard().ok());
  if (std::getenv("EDDY_TEST_RESTARTED") != nullptr) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    struct sigaction pipe_action {};
    sigaction(SIGPIPE, nullptr, &pipe_action);
    const bool closed = fcntl(std::atoi(std::getenv("EDDY_TEST_RESTARTED")), F_GETFD) < 0;
    _exit(!closed ? 11 : sigismember(&mask, SIGTERM) ? 12 : pipe_action.sa_handler != SIG_DFL ? 13 : 42);
  }
  const int open_file = dup(STDERR_FILENO);
  setenv("EDDY_TEST_RESTARTED", std::to_string(open_file).c_str(), 1);
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  if (std::getenv("EDDY_TEST_BY_DEADLINE") == nullptr) restart_self();
  if (std::getenv("EDDY_TEST_BY_TAINT") != nullptr) {
    restart_when_tainted(milliseconds(20));
    taint_process();
  } else {
    restart_deadline(milliseconds(20));
  }
  for (;;) pause();  // a drain that hangs
}

int exit_code_of_restarted_child(const std::vector<const char*>& how) {
  const int status = in_child([&how] {
    for (const char* variable : how) setenv(variable, "1", 1);
    execl("/proc/self/exe", "unit_guard", "--gtest_filter=RestartedChild.DISABLED_RestartsItself",
          "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
  });
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Restart, KeepsTheArgumentsAndNothingElse) { EXPECT_EQ(exit_code_of_restarted_child({}), 42); }
TEST(Restart, HappensByTheDeadlineWhateverHangs) {
  EXPECT_EQ(exit_code_of_restarted_child({"EDDY_TEST_BY_DEADLINE"}), 42);
}
TEST(Restart, HappensByAFaultThatTaintsWhateverHangs) {
  EXPECT_EQ(exit_code_of_restarted_child({"EDDY_TEST_BY_DEADLINE", "EDDY_TEST_BY_TAINT"}), 42);
}

}  // namespace
}  // namespace eddy::host::testing
