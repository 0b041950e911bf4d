// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <pthread.h>
#include <sys/mman.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include "guard/backtrace.h"
#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* function;
  int signal;
  bool overflow = false;
};

void PrintTo(const Case& value, std::ostream* out) { *out << value.function; }

// The process is as good as before: its heap, its output, its exceptions.
void expect_healthy() {
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  EXPECT_EQ(std::current_exception(), nullptr);
  const std::vector<std::string> strings(100, std::string(1000, 'x'));
  EXPECT_EQ(strings.back().size(), 1000U);
  char text[32];
  EXPECT_EQ(std::snprintf(text, sizeof text, "%d", 42), 2);
  EXPECT_THROW(throw std::runtime_error("still works"), std::runtime_error);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_FALSE(sigismember(&mask, SIGSEGV)) << "the handler's mask must not outlive it";
  EXPECT_FALSE(sigismember(&mask, SIGURG));
}

bool names_the_image(const Fault& fault) {
  const CodeRange& code = Fixture::instance().code();
  return code.contains(fault.pc) || (fault.frame_count > 0 && code.contains(fault.frames[0]));
}

class CleanFault : public ::testing::TestWithParam<Case> {};

TEST_P(CleanFault, IsSurvivedAgainAndAgain) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  ASSERT_NE(guard, nullptr);
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(call(*guard, GetParam().function), Verdict::kSignal);
    const Fault& fault = guard->fault();
    EXPECT_EQ(fault.signal, GetParam().signal);
    EXPECT_EQ(fault.stack_overflow, GetParam().overflow);
    EXPECT_FALSE(fault.tainted);
    EXPECT_TRUE(names_the_image(fault));
    expect_healthy();
    EXPECT_EQ(call(*guard, "returns"), Verdict::kReturned);
  }
  EXPECT_FALSE(process_tainted());
}

TEST_P(CleanFault, IsSurvivedOnSeveralThreadsAtOnce) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      auto guard = enter();
      for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(call(*guard, GetParam().function), Verdict::kSignal);
        EXPECT_EQ(guard->fault().signal, GetParam().signal);
        EXPECT_EQ(guard->fault().stack_overflow, GetParam().overflow);
        expect_healthy();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(process_tainted());
}

INSTANTIATE_TEST_SUITE_P(Every, CleanFault,
                         ::testing::Values(Case{"null_write", SIGSEGV}, Case{"null_call", SIGSEGV},
                                           Case{"wild_call", SIGSEGV}, Case{"division_by_zero", SIGFPE},
                                           Case{"illegal_instruction", SIGILL}, Case{"breakpoint", SIGTRAP},
                                           Case{"bus_error", SIGBUS}, Case{"calls_abort", SIGABRT},
                                           Case{"failed_assert", SIGABRT}, Case{"breaks_noexcept", SIGABRT},
                                           Case{"calls_terminate", SIGABRT}, Case{"deep_recursion", SIGSEGV, true},
                                           Case{"huge_frame", SIGSEGV, true}, Case{"crash_in_catch", SIGSEGV},
                                           Case{"crash_in_destructor", SIGSEGV}, Case{"throws_crashing_what", SIGSEGV}),
                         [](const auto& param_info) { return param_info.param.function; });

TEST(StackLimits, AreOverflownOnlyWhereTheStackPointerIs) {
  const StackLimits stack{std::uintptr_t{1} << 40U, (std::uintptr_t{1} << 40U) + (8U << 20U)};
  constexpr std::uintptr_t kHugeFrame = 64U << 20U;
  EXPECT_TRUE(stack.overflown(stack.low - 8, stack.low)) << "a call";
  EXPECT_TRUE(stack.overflown(stack.low - 100, stack.low + 28)) << "what a leaf keeps below its stack pointer";
  EXPECT_TRUE(stack.overflown(stack.low - kHugeFrame, stack.low - kHugeFrame));
  EXPECT_FALSE(stack.overflown(stack.low - 8192, stack.high - 4096)) << "a mapping below it, of whomever";
  EXPECT_FALSE(stack.overflown(0, stack.high - 4096));
}

TEST(Signals, SayWhereAndWhat) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  ASSERT_EQ(call(*guard, "null_write"), Verdict::kSignal);
  const Fault& fault = guard->fault();
  EXPECT_EQ(fault.address, 0U);
  EXPECT_EQ(fault.code, SEGV_MAPERR);
  EXPECT_TRUE(Fixture::instance().code().contains(fault.pc));
  EXPECT_TRUE(Fixture::instance().code().contains(fault.frames[0])) << "the caller of the function that faulted";
}

TEST(Signals, FindTheCallerOfACallToNowhere) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  ASSERT_EQ(call(*guard, "null_call"), Verdict::kSignal);
  EXPECT_EQ(guard->fault().pc, 0U);
  const auto function = reinterpret_cast<std::uintptr_t>(Fixture::instance().function("null_call"));
  EXPECT_GT(guard->fault().frames[0], function);
  EXPECT_LT(guard->fault().frames[0], function + 64);
}

TEST(Signals, KeepTheTextOfAFailedAssert) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  ASSERT_EQ(call(*guard, "failed_assert"), Verdict::kSignal);
  EXPECT_STREQ(guard->fault().exception_message, "fixture.cc:42: failed_assert: Assertion `value > 0' failed");
}

TEST(Signals, KeepTheExceptionThatCouldNotBeThrown) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(call(*guard, "breaks_noexcept"), Verdict::kSignal);
    EXPECT_STREQ(guard->fault().exception_type, "std::runtime_error");
    EXPECT_STREQ(guard->fault().exception_message, "out of a noexcept function");
  }
  ASSERT_EQ(call(*guard, "calls_abort"), Verdict::kSignal);
  EXPECT_STREQ(guard->fault().exception_type, "") << "of the call before";
}

struct Copy {
  void* to;
  const void* from;
  std::size_t size;
};

TEST(Signals, ABadPointerGivenToALeafOfTheCLibraryIsClean) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  std::vector<char> buffer(8U << 20U);
  auto* bad = reinterpret_cast<char*>(std::uintptr_t{4096} * 3);
  for (const std::size_t size : {1U, 9U, 40U, 100U, 300U, 5000U, 8U << 20U}) {
    Copy from_bad{buffer.data(), bad, size};
    ASSERT_EQ(call(*guard, "copies", &from_bad), Verdict::kSignal) << size;
    EXPECT_FALSE(guard->fault().tainted) << "from, " << size;
    EXPECT_TRUE(Fixture::instance().code().contains(guard->fault().frames[0])) << "the plugin's own frame comes first";
    Copy to_bad{bad, buffer.data(), size};
    ASSERT_EQ(call(*guard, "copies", &to_bad), Verdict::kSignal) << size;
    EXPECT_FALSE(guard->fault().tainted) << "to, " << size;
  }
  ASSERT_EQ(call(*guard, "measures_bad_text"), Verdict::kSignal);
  EXPECT_FALSE(guard->fault().tainted);
  ASSERT_EQ(call(*guard, "string_of_bad_text"), Verdict::kSignal);
  EXPECT_FALSE(guard->fault().tainted) << "the C++ library's strings hold no lock";
  EXPECT_FALSE(process_tainted());
}

// Each in a child, as a tainted process stays so.
class TaintingFault : public ::testing::TestWithParam<Case> {};

TEST_P(TaintingFault, IsSurvivedAndTaints) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  if (kAddressSanitizer) GTEST_SKIP() << "AddressSanitizer reports it and ends the process before the C library does";
  const int status = in_child([] {
    auto guard = enter();
    ASSERT_EQ(call(*guard, GetParam().function), Verdict::kSignal);
    EXPECT_EQ(guard->fault().signal, GetParam().signal);
    EXPECT_TRUE(guard->fault().tainted);
    EXPECT_TRUE(process_tainted());
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

INSTANTIATE_TEST_SUITE_P(Every, TaintingFault,
                         ::testing::Values(Case{"prints_bad_text", SIGSEGV}, Case{"frees_twice", SIGABRT},
                                           Case{"raises_segv", SIGSEGV}),
                         [](const auto& param_info) { return param_info.param.function; });

TEST(HostScope, MakesAFaultInTheHostThePluginsOwn) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  Callback callback{[](void*) {
                      const HostScope scope;
                      *static_cast<volatile char*>(reinterpret_cast<char*>(std::uintptr_t{16})) = 1;
                    },
                    nullptr};
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(call(*guard, "calls_back", &callback), Verdict::kSignal);
    EXPECT_FALSE(guard->fault().tainted);
    EXPECT_TRUE(Fixture::instance().code().contains(guard->fault().frames[0]) ||
                Fixture::instance().code().contains(guard->fault().frames[1]));
  }
  EXPECT_FALSE(process_tainted());
}

TEST(HostScope, WithoutOneAFaultInTheHostTaints) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  const int status = in_child([] {
    auto guard = enter();
    Callback callback{[](void*) { *static_cast<volatile char*>(reinterpret_cast<char*>(std::uintptr_t{16})) = 1; },
                      nullptr};
    ASSERT_EQ(call(*guard, "calls_back", &callback), Verdict::kSignal);
    EXPECT_TRUE(guard->fault().tainted);
    EXPECT_TRUE(process_tainted());
  });
  EXPECT_EQ(status, 0);
}

TEST(Signals, OutsideAGuardedCallKillTheProcessAsEver) {
  for (const int signal : {SIGSEGV, SIGFPE, SIGABRT, SIGBUS}) {
    if (kThreadSanitizer || kAddressSanitizer) GTEST_SKIP() << "the sanitizer's own handler is next in the chain";
    const int status = in_child([signal] {
      auto guard = enter();
      EXPECT_EQ(call(*guard, "null_write"), Verdict::kSignal);
      raise(signal);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal << " " << status;
  }
}

TEST(Signals, ATrueFaultOutsideAGuardedCallKillsTheProcess) {
  if (kThreadSanitizer || kAddressSanitizer) GTEST_SKIP() << "the sanitizer's own handler is next in the chain";
  const int status = in_child([] {
    auto guard = enter();
    Fixture::instance().function("null_write")(nullptr);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
}

TEST(Signals, OnAnUnguardedThreadKillTheProcess) {
  if (kThreadSanitizer || kAddressSanitizer) GTEST_SKIP() << "the sanitizer's own handler is next in the chain";
  const int status = in_child([] {
    auto guard = enter();
    std::thread([] { Fixture::instance().function("null_write")(nullptr); }).join();
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
}

TEST(Signals, HandlersThatAPluginRemovedComeBack) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  auto guard = enter();
  ASSERT_EQ(call(*guard, "removes_handlers"), Verdict::kReturned);
  for (int i = 0; i < 4096; ++i) ASSERT_EQ(call(*guard, "returns"), Verdict::kReturned);
  EXPECT_EQ(call(*guard, "null_write"), Verdict::kSignal);
}

}  // namespace
}  // namespace eddy::host::testing
