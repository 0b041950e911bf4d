#include "@NAME@.hpp"

#include <cmath>

EDDY_PLUGIN_INFO("@NAME@", "0.1.0")

// What a function throws makes its record a dead letter, with the type and the text of what was thrown.
CheckedOrder check_order(const Order& order) {
  if (order.amount < 0) throw std::invalid_argument("the amount is negative");
  return {order.id, std::llround(order.amount * 100), order.currency};
}

void watch_order(const CheckedOrder& order) {
  if (order.cents > 100'000) eddy::log::info("a large order: ", order.id.value);
}

EDDY_PLUGIN(app) {
  auto failed = app.dead_letter_queue<Order>("@NAME@_failed");
  auto orders = app.stream<Order>("@NAME@_orders");
  auto checked = app.stream<CheckedOrder>("@NAME@_checked");
  // Names of functions are unique in a host, so they carry the plugin's name.
  orders.add_transform<check_order>(checked, {.name = "@NAME@_check", .dead_letter_queue = failed});
  checked.add_consumer<watch_order>({.name = "@NAME@_watch", .dead_letter_queue = failed});
}
