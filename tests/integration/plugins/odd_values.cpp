// SPDX-License-Identifier: Apache-2.0
// A function that refuses everything, and a recovery that recovers nothing: letters go round until they are parked.
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

EDDY_PLUGIN_INFO("odd_values", "1.0.0")

void refuse(const eddy::Record&) { throw std::runtime_error("refused"); }

std::string never(const eddy::DeadLetter<eddy::Record>& letter) {
  throw std::logic_error("still refused after " + std::to_string(letter.attempts) + " attempts");
}

// Json functions are called with JSON only: the host turns the rest away.
void only_json(const eddy::Json&) {}

EDDY_PLUGIN(app) {
  auto out = app.stream("odd_recovered");
  auto dlq = app.dead_letter_queue("OddDLQ");
  auto odd = app.stream("odd_in");
  odd.add_consumer<refuse>({.dead_letter_queue = dlq});
  dlq.add_transform<never>(out);
  app.stream("json_in").add_consumer<only_json>();
}
