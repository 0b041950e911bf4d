// SPDX-License-Identifier: Apache-2.0
// The functions that the path benchmark runs: each reads "in"; what it writes goes to "out".
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

EDDY_PLUGIN_INFO("bench_path", "1.0.0")

// About 200 bytes as JSON.
struct Order {
  std::string order_id, customer, product, status;
  std::int64_t quantity;
  double price;
  bool gift;
  eddy::Timestamp placed_at;
};
EDDY_MODEL(Order, order_id, customer, product, status, quantity, price, gift, placed_at)

eddy::Record raw_copy(const eddy::Record& record) { return record; }

Order typed_copy(const Order& order) { return order; }

// One in a hundred.
eddy::Result<Order> fail_some(const Order& order) {
  if (order.order_id.ends_with("00")) return eddy::fail("Refused", "this record is refused");
  return order;
}

eddy::Result<Order> fail_all(const Order&) { return eddy::fail("Refused", "every record is refused"); }

Order throw_all(const Order&) { throw std::runtime_error("every record is refused"); }

// The hundredth of a hundred.
eddy::Record fault_some(const eddy::Record& record) {
  if (record.value().ends_with("fault")) *static_cast<volatile int*>(nullptr) = 1;
  return record;
}

EDDY_PLUGIN(app) {
  auto in = app.stream("in");
  auto out = app.stream("out");
  auto dlq = app.dead_letter_queue("dlq");
  in.add_transform<raw_copy>(out, {.dead_letter_queue = dlq});
  in.add_transform<fault_some>(out, {.dead_letter_queue = dlq});
  auto typed_in = app.stream<Order>("typed_in");
  auto typed_out = app.stream<Order>("typed_out");
  typed_in.add_transform<typed_copy>(typed_out, {.dead_letter_queue = dlq});
  typed_in.add_transform<fail_some>(typed_out, {.dead_letter_queue = dlq});
  typed_in.add_transform<fail_all>(typed_out, {.dead_letter_queue = dlq});
  typed_in.add_transform<throw_all>(typed_out, {.dead_letter_queue = dlq});
}
