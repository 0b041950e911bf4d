// SPDX-License-Identifier: Apache-2.0
// Fails on every record that is not "good", with the record as the error's type and a message that has it, too.
#include <eddy/eddy.hpp>
#include <string>

EDDY_PLUGIN_INFO("kinds", "1.0.0")

eddy::Result<eddy::Record> kinds(const eddy::Record& record) {
  if (record.value() == "good") return record;
  const std::string kind(record.value());
  return eddy::fail(kind, "it is of the kind " + kind);
}

EDDY_PLUGIN(app) {
  auto out = app.stream("kinds_out");
  auto dlq = app.dead_letter_queue("KindsDLQ");
  app.stream("kinds_in").add_transform<kinds>(out, {.dead_letter_queue = dlq});
}
