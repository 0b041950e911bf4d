// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "guard/watchdog.h"
#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

using std::chrono::milliseconds;

// For calls that return at once: longer than any of them may have to wait for the processor.
constexpr std::uint32_t kPatientMs = 60'000;

TEST(Timeout, ABusyLoopIsLeft) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(call(*guard, "busy_loop", nullptr, 20), Verdict::kTimeout);
    EXPECT_TRUE(Fixture::instance().code().contains(guard->fault().pc)) << "where it hung";
    EXPECT_FALSE(guard->fault().tainted);
    EXPECT_EQ(call(*guard, "returns", nullptr, kPatientMs), Verdict::kReturned);
  }
  EXPECT_FALSE(process_tainted());
}

TEST(Timeout, OnSeveralThreadsAtOnce) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([] {
      auto guard = enter();
      for (int round = 0; round < 3; ++round) EXPECT_EQ(call(*guard, "busy_loop", nullptr, 5), Verdict::kTimeout);
    });
  }
  for (auto& thread : threads) thread.join();
}

// A jump out of malloc would leave its lock held, and the next allocation would hang.
TEST(Timeout, ALoopThatAllocatesIsNeverLeftInsideTheAllocator) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  const int rounds = kAddressSanitizer ? 20 : 200;
  for (int round = 0; round < rounds; ++round) {
    ASSERT_EQ(call(*guard, "malloc_loop", nullptr, 1), Verdict::kTimeout);
    ASSERT_FALSE(guard->fault().tainted);
    std::thread([] { EXPECT_EQ(std::vector<std::string>(50, std::string(100, 'x')).size(), 50U); }).join();
  }
}

// The deadline wakes the watchdog out of the sleep it falls into when nothing has one.
TEST(Timeout, IsKeptAfterALongTimeWithoutOne) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  for (int round = 0; round < 2; ++round) {
    while (watchdog_asleep.load() == 0) std::this_thread::yield();
    ASSERT_EQ(call(*guard, "busy_loop", nullptr, 5), Verdict::kTimeout);
  }
}

TEST(Timeout, ACallThatNeverComesBackIsForcedAndTaints) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  for (const char* function : {"reads_forever", "locks_twice"}) {
    const int status = in_child([function] {
      int silent[2];
      ASSERT_EQ(pipe(silent), 0);
      set_forced_jump_grace(milliseconds(50));
      auto guard = enter();
      // Again when it had not come to the library in that time: in the image it is left as a busy loop is.
      do {
        ASSERT_EQ(call(*guard, function, silent, 1000), Verdict::kTimeout);
      } while (Fixture::instance().code().contains(guard->fault().pc));
      EXPECT_TRUE(guard->fault().tainted);
      ASSERT_GT(guard->fault().frame_count, 0U);
      EXPECT_TRUE(Fixture::instance().code().contains(guard->fault().frames[0])) << "who called into the library";
      EXPECT_TRUE(process_tainted());
      EXPECT_EQ(call(*guard, "returns", nullptr, kPatientMs), Verdict::kReturned);
    });
    EXPECT_EQ(status, 0) << function;
  }
}

TEST(Timeout, WaitsForTheHostsOwnCode) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  set_forced_jump_grace(milliseconds(10));
  auto guard = enter();
  struct State {
    ThreadGuard* guard;
    bool finished = false;
  } state{guard.get()};
  // Not called by way of the fixture: on its way out through the image the call, which is late, might be left.
  const auto host_code = [](void* argument) {
    auto& shared = *static_cast<State*>(argument);
    const HostScope scope;
    while (!shared.guard->cancelled()) std::this_thread::yield();
    // The watchdog's signals end each sleep. After so many it would force a jump out of anything but this.
    constexpr timespec kMoment{0, 100'000'000};
    for (int signals = 0; signals < 1500;) signals += nanosleep(&kMoment, nullptr) != 0 ? 1 : 0;
    shared.finished = true;
  };
  EXPECT_EQ(guard->call(host_code, &state, Fixture::instance().code(), 5), Verdict::kReturned);
  EXPECT_TRUE(state.finished);
  set_forced_jump_grace(milliseconds(2000));
}

TEST(Cancelled, IsTrueFromTheDeadlineOnAndForThatCallOnly) {
  using Clock = std::chrono::steady_clock;
  auto guard = enter();
  struct State {
    ThreadGuard* guard;
    Clock::time_point deadline;
    bool too_early = false;
  } state{guard.get(), {}};
  const auto wait = [](void* argument) {
    auto& shared = *static_cast<State*>(argument);
    const HostScope scope;
    // The call may begin so late, when others want the processor, that its deadline has passed.
    const bool cancelled = shared.guard->cancelled();
    shared.too_early = cancelled && Clock::now() < shared.deadline;
    while (!shared.guard->cancelled()) std::this_thread::yield();
  };
  constexpr std::uint32_t kTimeoutMs = 1000;
  for (int round = 0; round < 3; ++round) {
    state.deadline = Clock::now() + milliseconds(kTimeoutMs);
    EXPECT_EQ(guard->call(wait, &state, Fixture::instance().code(), kTimeoutMs), Verdict::kReturned);
    EXPECT_FALSE(state.too_early);
    EXPECT_FALSE(guard->cancelled());
  }
}

TEST(Cancelled, IsTrueEverywhereOnceTheHostStops) {
  const int status = in_child([] {
    auto guard = enter();
    EXPECT_FALSE(guard->cancelled());
    request_stop();
    EXPECT_TRUE(guard->cancelled());
  });
  EXPECT_EQ(status, 0);
}

TEST(ThreadGuard, IsOnePerThread) {
  auto first = enter();
  const auto second = ThreadGuard::enter();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().text, "guard: this thread already has a ThreadGuard; destroy that one first");
  first.reset();
  EXPECT_TRUE(ThreadGuard::enter().ok());
}

TEST(ThreadGuardDeathTest, ANestedCallIsABugThatIsNamed) {
  if (kThreadSanitizer || kAddressSanitizer) GTEST_SKIP() << "the sanitizer's own handler is next in the chain";
  EXPECT_EXIT(
      {
        auto guard = enter();
        guard->call([](void* inner) { call(*static_cast<ThreadGuard*>(inner), "returns"); }, guard.get(),
                    Fixture::instance().code(), 0);
      },
      ::testing::KilledBySignal(SIGABRT), "a guarded call inside a guarded call");
}

}  // namespace
}  // namespace eddy::host::testing
