// SPDX-License-Identifier: Apache-2.0
// Options of a request to the cluster's administration.
#pragma once

#include "stream/kafka/handles.h"
#include "stream/kafka/times.h"

namespace eddy::host::kafka {

// The answer comes as an event of the queue that is given with the request, also when it is that time is up: wait for
// it a little longer than `patience`.
inline AdminOptions options_for(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                std::chrono::milliseconds patience = kPatience) {
  AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  char text[128];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), ms(patience), text, sizeof(text));
  return options;
}

}  // namespace eddy::host::kafka
