// SPDX-License-Identifier: Apache-2.0
#include "guard/symbolise.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(Symbolise, NamesAFunctionThatIsNotExported) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  const CodeRange& code = Fixture::instance().code();
  auto guard = enter();
  ASSERT_EQ(call(*guard, "null_write"), Verdict::kSignal);
  const std::vector<Frame> frames = symbolise(guard->fault(), code);
  ASSERT_GE(frames.size(), 2U);
  EXPECT_EQ(frames[0].module, "guard_fixture.so");
  EXPECT_THAT(frames[0].function, HasSubstr("hidden_null_write"));
  EXPECT_THAT(frames[0].file, EndsWith("fixture.cc"));
  EXPECT_GT(frames[0].line, 0);
  EXPECT_TRUE(frames[0].in_image);
  EXPECT_EQ(frames[1].function, "null_write");
  EXPECT_FALSE(frames.back().in_image) << "the host's own frame closes the list";
}

TEST(Symbolise, SaysTheSameFromSeveralThreadsAtOnce) {
  const CodeRange& code = Fixture::instance().code();
  Fault fault;
  fault.pc = reinterpret_cast<std::uintptr_t>(Fixture::instance().function("returns"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(symbolise(fault, code).at(0).function, "returns"); });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Symbolise, FindsAnImageLoadedLater) {
  Fault fault;
  fault.pc = reinterpret_cast<std::uintptr_t>(&signal_name);
  EXPECT_THAT(symbolise(fault, {}).at(0).function, HasSubstr("signal_name"));
  const std::string copy = ::testing::TempDir() + "guard_fixture_copy_" + std::to_string(getpid()) + ".so";
  std::filesystem::copy_file(EDDY_GUARD_FIXTURE, copy);
  void* late = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(late, nullptr) << dlerror();
  fault.pc = reinterpret_cast<std::uintptr_t>(dlsym(late, "null_write"));
  const Frame frame = symbolise(fault, {}).at(0);
  EXPECT_EQ(frame.function, "null_write");
  EXPECT_THAT(frame.module, StartsWith("guard_fixture_copy_"));
  std::filesystem::remove(copy);
}

TEST(Symbolise, LeavesAnUnknownAddressUnnamed) {
  Fault fault;
  fault.pc = 0x10;
  const std::vector<Frame> frames = symbolise(fault, {});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].module, "");
  EXPECT_EQ(frames[0].function, "");
}

TEST(ModuleOffset, IsTheOffsetInTheImage) {
  const auto address = reinterpret_cast<std::uintptr_t>(Fixture::instance().function("returns"));
  EXPECT_THAT(module_offset(address), MatchesRegex("guard_fixture\\.so\\+0x[0-9a-f]+"));
  EXPECT_EQ(module_offset(0x10), "0x10");
}

TEST(Describe, SaysSignalAddressAndPlace) {
  EDDY_NEEDS_SIGNAL_RECOVERY();
  const CodeRange& code = Fixture::instance().code();
  auto guard = enter();
  const auto described = [&](const char* function, std::uint32_t timeout_ms = 0) {
    const Verdict verdict = call(*guard, function, nullptr, timeout_ms);
    return describe(verdict, guard->fault(), timeout_ms, code);
  };
  EXPECT_THAT(described("null_write"),
              MatchesRegex("SIGSEGV \\(address not mapped\\) at 0x0 in guard_fixture\\.so\\+0x[0-9a-f]+ "
                           "\\(.*hidden_null_write.*\\)"));
  EXPECT_THAT(described("division_by_zero"), StartsWith("SIGFPE (integer division by zero) in guard_fixture.so+0x"));
  EXPECT_THAT(described("deep_recursion"), StartsWith("SIGSEGV (stack overflow) at 0x"));
  EXPECT_THAT(described("breaks_noexcept"), EndsWith(", after std::runtime_error: out of a noexcept function"));
  EXPECT_THAT(described("failed_assert"), EndsWith("(failed_assert): fixture.cc:42: failed_assert: Assertion `value > "
                                                   "0' failed"));
  EXPECT_THAT(described("busy_loop", 10),
              MatchesRegex("no return within 10 ms, hung in guard_fixture\\.so\\+0x[0-9a-f]+ \\(busy_loop\\)"));
}

TEST(Describe, SaysExceptionsAndExits) {
  const CodeRange& code = Fixture::instance().code();
  auto guard = enter();
  EXPECT_EQ(describe(call(*guard, "throws_runtime_error"), guard->fault(), 0, code), "std::runtime_error: an error");
  EXPECT_EQ(describe(call(*guard, "throws_int"), guard->fault(), 0, code), "int");
  EXPECT_THAT(describe(call(*guard, "calls_exit"), guard->fault(), 0, code),
              MatchesRegex("exit\\(3\\) in guard_fixture\\.so\\+0x[0-9a-f]+ \\(calls_exit\\)"));
  EXPECT_THAT(describe(call(*guard, "calls_pthread_exit"), guard->fault(), 0, code),
              StartsWith("pthread_exit() in guard_fixture.so+0x"));
}

TEST(CodeRangeOf, IsTheExecutablePartOfTheImage) {
  const auto function = reinterpret_cast<std::uintptr_t>(Fixture::instance().function("returns"));
  EXPECT_TRUE(Fixture::instance().code().contains(function));
  EXPECT_FALSE(Fixture::instance().code().contains(reinterpret_cast<std::uintptr_t>(&signal_name)));
  EXPECT_TRUE(code_range_of(nullptr).empty());
}

}  // namespace
}  // namespace eddy::host::testing
