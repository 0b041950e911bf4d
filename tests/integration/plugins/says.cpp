// SPDX-License-Identifier: Apache-2.0
// Fails as each record says: "fail|TYPE|MESSAGE|anything"; what does not begin so passes.
#include <eddy/eddy.hpp>
#include <string>
#include <string_view>

EDDY_PLUGIN_INFO("says", "1.0.0")

namespace {

eddy::Result<std::string> say(const eddy::Record& record) {
  const std::string_view value = record.value();
  constexpr std::string_view kFail = "fail|";
  if (!value.starts_with(kFail)) return std::string(value);
  const std::size_t type_end = value.find('|', kFail.size());
  const std::size_t message_end = type_end == value.npos ? value.npos : value.find('|', type_end + 1);
  if (message_end == value.npos) return eddy::fail("NoMessage", "it does not say how to fail");
  return eddy::fail(std::string(value.substr(kFail.size(), type_end - kFail.size())),
                    std::string(value.substr(type_end + 1, message_end - type_end - 1)));
}

}  // namespace

EDDY_PLUGIN(app) {
  auto out = app.stream("said_out");
  auto dlq = app.dead_letter_queue("SaysDLQ");
  app.stream("said").add_transform<say>(out, {.dead_letter_queue = dlq});
}
