// SPDX-License-Identifier: Apache-2.0
// The rows that all cases write, as the host holds them and as a program of its own would.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/decoder.h"
#include "unit/model/model_fixture.h"

namespace eddy::bench {

struct Order {
  std::string_view order_id, customer, product, status;
  std::int64_t quantity = 0;
  double price = 0;
  bool gift = false;
  std::string_view placed_at;  // as it is written into the database
};

class Orders {
 public:
  explicit Orders(std::size_t count);

  const std::shared_ptr<const host::Model>& model() const { return model_; }
  std::size_t size() const { return rows_.size(); }
  const eddy_value* row(std::size_t i) const { return rows_[i]; }
  const Order& order(std::size_t i) const { return orders_[i]; }

 private:
  host::test::Declarations declarations_;
  std::shared_ptr<const host::Model> model_;
  host::Decoder decoder_;
  std::vector<std::string> texts_;
  std::vector<const eddy_value*> rows_;
  std::vector<Order> orders_;
};

}  // namespace eddy::bench
