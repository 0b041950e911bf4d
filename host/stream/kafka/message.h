// SPDX-License-Identifier: Apache-2.0
// Messages of librdkafka, owned, and seen as records.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "base/record.h"
#include "stream/kafka/arena.h"
#include "stream/kafka/handles.h"

namespace eddy::host::kafka {

using Message = std::unique_ptr<rd_kafka_message_t, CallDestroy<rd_kafka_message_destroy>>;

// Borrows from the message, and from `scratch` what the message does not have as a record needs it: the list of
// headers, and readable bytes after the value.
Record view(rd_kafka_message_t& message, Arena& scratch);

}  // namespace eddy::host::kafka
