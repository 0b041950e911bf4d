// SPDX-License-Identifier: Apache-2.0
// What an error of Kafka means: for a unit of work, and for the operator.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host::kafka {

// What was tried, for the text of its error.
struct Act {
  std::string doing;                 // "writing", "reading the positions"
  std::string topic;                 // empty: not about one
  std::string group;                 // empty: not about one
  std::string transactional_id;      // empty: not about one
  std::string_view permission = {};  // what an access list must allow for it: "Read", "Write", "Create"
};

// `brokers` as configured; `detail` as librdkafka said it, may be empty. The text ends with what mends it, where that
// is known.
Error explain(std::string_view brokers, const Act& act, rd_kafka_resp_err_t code, std::string_view detail);

// What helps a unit of work whose step has failed.
enum class Remedy : std::uint8_t {
  kRetry,   // the same step again
  kRepeat,  // the transaction is to be aborted; then the same unit again, with a new client
  kRerun,   // the unit is to be forgotten and its records polled again
  kRenew,   // as kRerun, and the client cannot be used any longer
};

Remedy remedy_of(const rd_kafka_error_t& error);

// The group has gone on without this member: what it polled belongs to another one now.
bool membership_lost(rd_kafka_resp_err_t code);

}  // namespace eddy::host::kafka
