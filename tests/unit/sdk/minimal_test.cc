// SPDX-License-Identifier: Apache-2.0
// One plugin in C, in C++ and in Rust, as each was built: the same records, the same outcomes.
#include <gtest/gtest.h>

#include "shipped.h"

namespace eddy::test {
namespace {

class Minimal : public testing::TestWithParam<const char*> {
 protected:
  FakePlugin plugin_{shipped(GetParam())};
  std::string converted(const std::string& line) {
    return plugin_.run("fahrenheit", {line}).outputs.at(0).value.value();
  }
  std::uint32_t status(const std::string& line) { return plugin_.run("fahrenheit", {line}).status; }
  std::string error(const Text& line) { return plugin_.run("fahrenheit", {line}).error_type; }
};

TEST_P(Minimal, Declares) {
  ASSERT_EQ(plugin_.described(), EDDY_OK) << plugin_.refusal();
  EXPECT_EQ(plugin_.find("stream", "celsius").dead_letter_queue, "celsius_failed");
  EXPECT_EQ(plugin_.find("queue", "celsius_failed").model, nullptr);
  const Declared& function = plugin_.find("function", "fahrenheit");
  EXPECT_EQ(function.source, "celsius");
  EXPECT_EQ(function.destination, "fahrenheit");
  EXPECT_EQ(function.kind, std::uint32_t{EDDY_FUNCTION_TRANSFORM});
  EXPECT_EQ(function.input, std::uint32_t{EDDY_INPUT_RECORD});
}

TEST_P(Minimal, Converts) {
  EXPECT_EQ(converted("oslo 21.5"), "OSLO 70.7");
  EXPECT_EQ(converted(" \trome  30 of today\r"), "ROME 86.0");
  EXPECT_EQ(converted("absolute -273.15"), "ABSOLUTE -459.7");
  EXPECT_EQ(converted("a .5"), "A 32.9");
  EXPECT_EQ(converted("a 5."), "A 41.0");
  EXPECT_EQ(converted("\xc3\xa5lesund -40"), "\xc3\xa5LESUND -40.0");
  EXPECT_EQ(converted(std::string("\xff\0z 0", 5)), std::string("\xff\0Z 32.0", 8));
  EXPECT_EQ(converted("far " + std::string(63, '9')).size(), 4 + 64 + 2) << "a number in full";
}

TEST_P(Minimal, Filters) {
  for (const char* line : {"", " ", "\r", " \t \n"}) EXPECT_EQ(status(line), std::uint32_t{EDDY_FILTERED});
}

TEST_P(Minimal, FailsAlike) {
  EXPECT_EQ(error(std::nullopt), "NoValue");
  EXPECT_EQ(error("oslo"), "NoNumber");
  for (const char* word : {"warm", "-", ".", "1.2.3", "--5", "+5", "1e3", "0x10", "nan", "inf", "5c"}) {
    EXPECT_EQ(error(std::string("oslo ") + word), "NotANumber") << word;
  }
  EXPECT_EQ(error("oslo " + std::string(64, '1')), "NotANumber");
}

#if EDDY_TEST_RUST
INSTANTIATE_TEST_SUITE_P(Languages, Minimal, testing::Values("c_minimal", "cpp_minimal", "rust_minimal"),
                         [](const auto& test) { return std::string(test.param); });
#else
INSTANTIATE_TEST_SUITE_P(Languages, Minimal, testing::Values("c_minimal", "cpp_minimal"),
                         [](const auto& test) { return std::string(test.param); });
#endif

// C's way, abort(), needs the host's guard: that is tested with the host.
TEST(Impossible, IsAnExceptionOrAPanic) {
  FakePlugin cpp(shipped("cpp_minimal"));
  EXPECT_EQ(cpp.run("fahrenheit", {"oslo -300"}).error_type, "std::logic_error");
#if EDDY_TEST_RUST
  FakePlugin rust(shipped("rust_minimal"));
  for (int i = 0; i < 3; ++i) {
    const Outcome panicked = rust.run("fahrenheit", {"oslo -300"});
    EXPECT_EQ(panicked.error_type, "panic");
    EXPECT_EQ(panicked.message, "colder than cold");
  }
  EXPECT_EQ(rust.run("fahrenheit", {"oslo 0"}).outputs.at(0).value, "OSLO 32.0");
#endif
}

}  // namespace
}  // namespace eddy::test
