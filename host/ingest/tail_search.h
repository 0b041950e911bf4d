// SPDX-License-Identifier: Apache-2.0
// Looks through the newest records of a stream, newest blocks first.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "stream/transport.h"

namespace eddy::host {

// True when a record fits `wanted`. Goes back, partition by partition, until a whole block of records is older than
// `since_us`, or the partition begins. A stream that is not there has none.
Result<bool> find_in_tail(Transport& transport, std::string_view stream, std::int64_t since_us,
                          const std::function<bool(const Record&)>& wanted);

}  // namespace eddy::host
