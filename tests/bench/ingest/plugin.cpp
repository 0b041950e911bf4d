// SPDX-License-Identifier: Apache-2.0
// What the ingest benchmark sends records to.
#include <eddy/eddy.hpp>
#include <string>

EDDY_PLUGIN_INFO("bench_ingest", "1.0.0")

// About 200 bytes as JSON; records.lua makes them.
struct Order {
  eddy::Key<std::string> order_id;
  std::string customer, product, status;
  std::int64_t quantity;
  double price;
  bool gift;
  eddy::Timestamp placed_at;
};
EDDY_MODEL(Order, order_id, customer, product, status, quantity, price, gift, placed_at)

EDDY_PLUGIN(app) { app.ingest_pipeline<Order>("orders", {.ingest_api = true, .stream = true, .table = false}); }
