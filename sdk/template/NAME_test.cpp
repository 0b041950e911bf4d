#include "@NAME@.hpp"

#include <eddy/testing.hpp>
#include <gtest/gtest.h>

// A function alone, called as the host would call it.
TEST(CheckOrder, CountsInCents) {
  auto check = eddy::testing::function<check_order>();
  const auto outcome = check.run(Order{"a", 12.5, "EUR"});
  ASSERT_TRUE(outcome.delivered()) << outcome;
  EXPECT_EQ(outcome.as<CheckedOrder>().cents, 1250);
}

TEST(CheckOrder, RefusesANegativeAmount) {
  auto check = eddy::testing::function<check_order>();
  const auto outcome = check.run(Order{"a", -1, "EUR"});
  EXPECT_EQ(outcome.error_type, "std::invalid_argument");
  EXPECT_EQ(outcome.error_message, "the amount is negative");
}

// The whole plugin, by the names that it declares.
TEST(Plugin, TellsWhatDoesNotFitTheModel) {
  eddy::testing::Plugin plugin;
  ASSERT_TRUE(plugin.accepted()) << plugin.refusal();
  const auto outcome = plugin.function("@NAME@_check").run(R"({"id":"a","currency":"EUR"})");
  EXPECT_EQ(outcome.error_type, "ValidationError");
  EXPECT_EQ(outcome.error_message, "/amount: expected a number in the range of a double, found nothing");
}

TEST(Plugin, Watches) {
  eddy::testing::Plugin plugin;
  EXPECT_TRUE(plugin.function("@NAME@_watch").run(CheckedOrder{{"a"}, 200'000, "EUR"}).delivered());
  EXPECT_EQ(eddy::testing::log_lines().back().text, "a large order: a");
}
