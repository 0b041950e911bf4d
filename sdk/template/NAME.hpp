// What this plugin reads and writes.
#pragma once

#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

struct Order {
  std::string id;
  double amount;
  std::string currency;
};
EDDY_MODEL(Order, id, amount, currency)

struct CheckedOrder {
  eddy::Key<std::string> id;
  long long cents;
  std::string currency;
};
EDDY_MODEL(CheckedOrder, id, cents, currency)

CheckedOrder check_order(const Order& order);
void watch_order(const CheckedOrder& order);
