// SPDX-License-Identifier: Apache-2.0
// Builds of one plugin, each with other faults and fixes. What a record asks for is in its `action`.
#include <chrono>
#include <cstdint>
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

#define MENDS_TEXT_(name) #name
#define MENDS_TEXT(name) MENDS_TEXT_(name)
EDDY_PLUGIN_INFO("mends", MENDS_TEXT(MENDS_VERSION) ".0.0")

// 1: what is to be mended.  2: mended.  3: worse.  4: mended, but for one cause, and good outputs differ.

struct Order {
  std::string user;
  std::string action;
  double amount = 0;
};
EDDY_MODEL(Order, user, action, amount)

struct Receipt {
  std::string user;
  double total = 0;
  std::int64_t made_at = 0;
};
EDDY_MODEL(Receipt, user, total, made_at)

namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void fail_as_asked(const Order& order) {
  if (MENDS_VERSION == 1 && order.action == "negative") {
    throw std::invalid_argument("amount of " + order.user + " is negative: " + std::to_string(order.amount));
  }
  if (MENDS_VERSION == 4 && order.action == "negative") throw std::range_error("now it is the range");
  if (MENDS_VERSION == 1 && order.action == "skip") throw std::runtime_error("not to be skipped yet");
  if (order.action == "never") throw std::logic_error("no build takes it");
  if (MENDS_VERSION == 1 && order.action == "trap") __builtin_trap();
  if (MENDS_VERSION == 3 && order.action == "negative") __builtin_trap();
  if ((MENDS_VERSION == 3 && order.action == "skip") || (MENDS_VERSION == 1 && order.action == "hang")) {
    for (volatile bool on = true; on;) {
    }
  }
  if (MENDS_VERSION == 3 && order.action == "fine" && order.amount == 3) throw std::runtime_error("three is too many");
}

std::optional<Receipt> settle(const Order& order) {
  fail_as_asked(order);
  if (order.action == "skip") return std::nullopt;
  const double total = MENDS_VERSION == 4 ? order.amount * 2 : order.amount;
  return Receipt{order.user, total, now()};
}

void watch(const Order& order) {
  if (MENDS_VERSION == 1 && order.action == "watched") throw std::runtime_error("watched " + order.user);
}

}  // namespace

EDDY_PLUGIN(app) {
  auto dlq = app.dead_letter_queue<Order>("MendsDLQ");
  auto orders = app.stream<Order>("orders");
  orders.add_transform<settle>(app.stream<Receipt>("receipts"), {.dead_letter_queue = dlq});
  orders.add_consumer<watch>({.dead_letter_queue = dlq});
}
