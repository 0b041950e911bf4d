// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <pthread.h>

#include <exception>

#include "unit/guard/support.h"

namespace eddy::host::testing {
namespace {

using ::testing::EndsWith;

struct Thrown {
  const char* function;
  const char* type;
  const char* message;
};

void PrintTo(const Thrown& value, std::ostream* out) { *out << value.function; }

class Exceptions : public ::testing::TestWithParam<Thrown> {};

TEST_P(Exceptions, AreCaughtWithTypeAndMessage) {
  auto guard = enter();
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(call(*guard, GetParam().function), Verdict::kException);
    EXPECT_THAT(guard->fault().exception_type, EndsWith(GetParam().type));
    EXPECT_STREQ(guard->fault().exception_message, GetParam().message);
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  }
  EXPECT_FALSE(process_tainted());
}

INSTANTIATE_TEST_SUITE_P(
    Every, Exceptions,
    ::testing::Values(Thrown{"throws_int", "int", ""}, Thrown{"throws_struct", "Marked", ""},
                      Thrown{"throws_string", "basic_string<char, std::char_traits<char>, std::allocator<char> >",
                             "a string"},
                      Thrown{"throws_text", "char const*", "a literal"},
                      Thrown{"throws_runtime_error", "std::runtime_error", "an error"},
                      Thrown{"throws_vector_at", "std::out_of_range",
                             "vector::_M_range_check: __n (which is 3) >= this->size() (which is 0)"}),
    [](const auto& param_info) { return param_info.param.function; });

TEST(ForcedUnwind, ACancelledThreadUnwindsThroughTheCall) {
  pthread_t thread{};
  const auto body = [](void*) -> void* {
    auto guard = enter();
    pthread_cancel(pthread_self());  // pending until the next cancellation point, which is inside the call
    guard->call([](void*) { pthread_testcancel(); }, nullptr, Fixture::instance().code(), 0);
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_EQ(result, PTHREAD_CANCELED);
}

}  // namespace
}  // namespace eddy::host::testing
