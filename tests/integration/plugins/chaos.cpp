// SPDX-License-Identifier: Apache-2.0
// Records {"id":N} pass, but for one in a hundred, which fails: by a throw, by eddy::fail, a few by a division by zero.
#include <charconv>
#include <cstdint>
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string_view>

EDDY_PLUGIN_INFO("chaos", "1.0.0")

namespace {

std::uint32_t id_of(const eddy::Record& record) {
  const std::string_view value = record.value();
  std::uint32_t id = 0;
  const auto digits = value.substr(value.find(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), id);
  return id;
}

eddy::Result<eddy::Record> survive(const eddy::Record& record) {
  const std::uint32_t id = id_of(record);
  if (id % 100 != 7) return record;
  if (id % 5000 == 7) {
    volatile std::uint32_t zero = 0;
    zero = id / zero;
  }
  if (id % 200 == 7) throw std::runtime_error("refused");
  return eddy::fail("refused", "refused without a throw");
}

}  // namespace

EDDY_PLUGIN(app) {
  auto out = app.stream("chaos_out", {.partitions = 4});
  auto dlq = app.dead_letter_queue("ChaosDLQ");
  app.stream("chaos_in", {.partitions = 4}).add_transform<survive>(out, {.dead_letter_queue = dlq});
}
