// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

struct ExitCase {
  const char* function;
  const char* name;
  int status;
};

void PrintTo(const ExitCase& value, std::ostream* out) { *out << value.function; }

class Exits : public ::testing::TestWithParam<ExitCase> {};

// Under every sanitizer too: no signal is involved.
TEST_P(Exits, EndTheCallAndNotTheProcess) {
  auto guard = enter();
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(call(*guard, GetParam().function), Verdict::kExit);
    EXPECT_STREQ(guard->fault().exit_name, GetParam().name);
    EXPECT_EQ(guard->fault().exit_status, GetParam().status);
    EXPECT_TRUE(Fixture::instance().code().contains(guard->fault().pc));
    EXPECT_FALSE(guard->fault().tainted);
  }
  EXPECT_FALSE(process_tainted());
}

INSTANTIATE_TEST_SUITE_P(Every, Exits,
                         ::testing::Values(ExitCase{"calls_exit", "exit", 3}, ExitCase{"calls_quiet_exit", "_exit", 4},
                                           ExitCase{"calls_big_quiet_exit", "_Exit", 5},
                                           ExitCase{"calls_quick_exit", "quick_exit", 6},
                                           ExitCase{"calls_pthread_exit", "pthread_exit", 0}),
                         [](const auto& param_info) { return param_info.param.function; });

TEST(ExitsOutside, OfAChildThatThePluginForkedAreItsOwn) {
  auto guard = enter();
  int result = -1;
  ASSERT_EQ(call(*guard, "forks_and_exits", &result), Verdict::kReturned);
  EXPECT_EQ(result, 0);
}

TEST(ExitsOutside, OutsideAGuardedCallDoWhatTheyAlwaysDid) {
  const auto status_of = [](void (*body)()) {
    const int status = in_child([body] {
      EXPECT_TRUE(install_guard().ok());
      body();
    });
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  };
  EXPECT_EQ(status_of([] { std::quick_exit(7); }), 7);
  EXPECT_EQ(status_of([] { _exit(8); }), 8);
  EXPECT_EQ(status_of([] { std::_Exit(9); }), 9);
  EXPECT_EQ(status_of([] {
              std::thread([] { pthread_exit(nullptr); }).join();
              _exit(11);
            }),
            11);
}

TEST(ExitsDeathTest, ExitRunsTheHandlersOfTheProcess) {
  EXPECT_EXIT(
      {
        std::atexit([] { _exit(21); });
        std::exit(20);
      },
      ::testing::ExitedWithCode(21), "");
}

TEST(ExitsDeathTest, AbortAborts) {
  if (kThreadSanitizer || kAddressSanitizer) GTEST_SKIP() << "the sanitizer's own handler is next in the chain";
  EXPECT_EXIT(std::abort(), ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace eddy::host::testing
