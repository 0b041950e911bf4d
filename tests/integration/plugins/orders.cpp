// SPDX-License-Identifier: Apache-2.0
// Builds of one plugin, for what comes after a dead letter: the first fails on every third order for one of three
// reasons, the second for one of them, the third on none. Another function reads the same stream. Orders are numbers.
#include <charconv>
#include <cstdint>
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

#define BUILD_TEXT_(name) #name
#define BUILD_TEXT(name) BUILD_TEXT_(name)
EDDY_PLUGIN_INFO("orders", BUILD_TEXT(BUILD_VERSION) ".0.0")

namespace {

std::uint32_t number(const eddy::Record& record) {
  std::uint32_t n = 0;
  std::from_chars(record.value().data(), record.value().data() + record.value().size(), n);
  return n;
}

eddy::Result<std::string> price(const eddy::Record& record) {
  const std::uint32_t n = number(record);
  if (BUILD_VERSION < 2 && n % 10 < 6) throw std::out_of_range("no price for order " + std::to_string(n));
  if (BUILD_VERSION < 2 && n % 10 < 9) return eddy::fail("CurrencyUnknown", "the currency of order \"x\" is not known");
  if (BUILD_VERSION < 3 && n % 10 == 9) throw std::invalid_argument("order " + std::to_string(n) + " has no lines");
  return std::string(record.value()) + " v" BUILD_TEXT(BUILD_VERSION);
}

eddy::Record see(const eddy::Record& record) { return record; }

}  // namespace

EDDY_PLUGIN(app) {
  auto priced = app.stream("orders_priced", {.partitions = 2});
  auto seen = app.stream("orders_seen");
  auto dlq = app.dead_letter_queue("OrdersDLQ");
  app.stream("orders", {.partitions = 4}).add_transform<price>(priced, {.dead_letter_queue = dlq});
  app.stream("orders").add_transform<see>(seen);
}
