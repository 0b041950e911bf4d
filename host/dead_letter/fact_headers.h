// SPDX-License-Identifier: Apache-2.0
// Facts as headers: our own, and those of tools that users come from.
#pragma once

#include <string>

#include "dead_letter/facts.h"
#include "dead_letter/header_block.h"
#include "dead_letter/text.h"

namespace eddy::host {

// Keeps its buffers. Not thread-safe.
class FactHeaders {
 public:
  // The eleven context headers, as UTF-8 text.
  void add_context(HeaderBlock& block, const Facts& facts);
  // The context headers, and all else that the envelope would say.
  void add_raw(HeaderBlock& block, const Facts& facts);
  // __connect.errors.*, UTF-8 text, as Kafka Connect's dead letter queue has them.
  void add_connect(HeaderBlock& block, const Facts& facts);
  // kafka_dlt-*, numbers big-endian, as Spring's DeadLetterPublishingRecoverer has them.
  void add_spring(HeaderBlock& block, const Facts& facts);

 private:
  void text(HeaderBlock& block, std::string_view name, std::string_view value);

  std::string scratch_;
  TimeWriter failed_at_;
  TimeWriter origin_timestamp_;
};

}  // namespace eddy::host
