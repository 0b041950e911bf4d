// SPDX-License-Identifier: Apache-2.0
// Builds of one plugin that differ in what they fail on. Records are numbers; a build writes its name behind them.
#include <charconv>
#include <cstdint>
#include <eddy/eddy.hpp>
#include <string>

#define BUILD_TEXT_(name) #name
#define BUILD_TEXT(name) BUILD_TEXT_(name)
EDDY_PLUGIN_INFO("builds", BUILD_TEXT(BUILD_VERSION) ".0.0")

namespace {

eddy::Result<std::string> mark(const eddy::Record& record) {
  const std::string value(record.value());
  std::uint32_t n = 0;
  std::from_chars(value.data(), value.data() + value.size(), n);
  if (BUILD_FIXES == 0 && n % 100 == 7) return eddy::fail("odd", "every build fails on it, but the one that fixes it");
  if (BUILD_FAILS != 0 && n % 20 == 3) return eddy::fail("worse", "only this build fails on it");
  if (BUILD_FAULTS != 0 && n % 50 == 11) __builtin_trap();  // what no sanitizer catches first
  return value + " v" BUILD_TEXT(BUILD_VERSION);
}

}  // namespace

EDDY_PLUGIN(app) {
  auto out = app.stream("builds_out", {.partitions = 2});
  auto dlq = app.dead_letter_queue("BuildsDLQ");
  app.stream("builds_in", {.partitions = 4}).add_transform<mark>(out, {.dead_letter_queue = dlq});
}
