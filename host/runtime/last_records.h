// SPDX-License-Identifier: Apache-2.0
// The past of a stream, read without consuming.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "stream/transport.h"

namespace eddy::host {

// Calls `visit` with the records of one partition from `from` to before `to`, while `go_on` says so.
Result<void> visit_range(Browser& browser, std::uint32_t partition, std::int64_t from, std::int64_t to,
                         const std::function<bool()>& go_on, const std::function<void(const Record&)>& visit);

// The same with the last records that a group has processed, `most` over all partitions, evenly.
Result<void> visit_last(Transport& transport, const std::string& group, const std::string& stream, std::int64_t most,
                        const std::function<bool()>& go_on, const std::function<void(const Record&)>& visit);

}  // namespace eddy::host
