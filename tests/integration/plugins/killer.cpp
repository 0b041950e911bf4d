// SPDX-License-Identifier: Apache-2.0
// Kills the whole process when a record says so: nothing in the process can survive it.
#include <signal.h>
#include <unistd.h>

#include <eddy/eddy.hpp>

EDDY_PLUGIN_INFO("killer", "1.0.0")

eddy::Record maybe_kill(const eddy::Record& record) {
  if (record.value() == "kill") kill(getpid(), SIGKILL);
  return record;
}

EDDY_PLUGIN(app) {
  auto out = app.stream("killer_out");
  auto dlq = app.dead_letter_queue("KillerDLQ");
  app.stream("killer_in").add_transform<maybe_kill>(out, {.dead_letter_queue = dlq});
}
