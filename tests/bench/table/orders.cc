// SPDX-License-Identifier: Apache-2.0
#include "orders.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "bench/turns.h"

namespace eddy::bench {
namespace {

constexpr std::string_view kPlacedAt = "2026-11-23T20:15:00.123456Z";

std::string_view text_of(const eddy_value& value) { return {value.as.text, value.count}; }

}  // namespace

Orders::Orders(std::size_t count) {
  const auto type = [&](std::uint32_t kind) { return declarations_.type(kind); };
  model_ = need(host::Model::compile(declarations_.model("Order", {{"order_id", type(EDDY_TYPE_STRING), EDDY_FIELD_KEY},
                                                                   {"customer", type(EDDY_TYPE_STRING)},
                                                                   {"product", type(EDDY_TYPE_STRING)},
                                                                   {"status", type(EDDY_TYPE_STRING)},
                                                                   {"quantity", type(EDDY_TYPE_I64)},
                                                                   {"price", type(EDDY_TYPE_F64)},
                                                                   {"gift", type(EDDY_TYPE_BOOL)},
                                                                   {"placed_at", type(EDDY_TYPE_TIMESTAMP)}})));
  texts_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::string& text = texts_.emplace_back(fmt::format(
        R"({{"order_id":"o-{}","customer":"customer number {}","product":"a thing with a name","status":"confirmed",)"
        R"("quantity":{},"price":129.95,"gift":false,"placed_at":"{}"}})",
        1'000'000 + i, i % 977, i % 90 + 10, kPlacedAt));
    text.reserve(text.size() + 64);
    host::ModelError error;
    const eddy_value* row = decoder_.decode(*model_, text, error);
    if (row == nullptr) die(error.message());
    rows_.push_back(row);
    orders_.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3]), row[4].as.i64, row[5].as.f64,
                       row[6].as.u64 != 0, kPlacedAt});
  }
}

}  // namespace eddy::bench
