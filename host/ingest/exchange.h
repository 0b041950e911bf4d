// SPDX-License-Identifier: Apache-2.0
// One request with all that belongs to it, from its head to its answer. A connection has one and uses it again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "ingest/answer.h"
#include "ingest/append_job.h"
#include "ingest/authority.h"
#include "ingest/content.h"
#include "ingest/idempotency_keys.h"
#include "ingest/request_head.h"
#include "ingest/route.h"

namespace eddy::host {

struct Exchange {
  RequestHead head;
  std::string body;      // as it came
  std::string unpacked;  // when it came packed
  std::string request_id;
  std::shared_ptr<const IngestRoute> route;  // none: not found, or refused before
  BodyFormat format = BodyFormat::kDocument;
  Packing packing = Packing::kNone;
  Admission admission;
  bool keyed = false;  // its idempotency key is pending until its job has ended
  KeyId key{};
  AppendJob job;
  Answer answer;
  std::uint64_t bytes = 0;  // of the body, as it came
  std::uint64_t accepted = 0, refused = 0;
  std::int64_t arrived_us = 0;
  std::chrono::steady_clock::time_point started;

  // For the next request; memory is kept, up to a limit.
  void clear();
};

}  // namespace eddy::host
