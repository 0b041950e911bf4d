// SPDX-License-Identifier: Apache-2.0
// Deletes what a stream need not keep any longer.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "stream/embedded/catalog.h"
#include "stream/embedded/sqlite.h"

namespace eddy::host::embedded {

// Deletes chunks of the stream, oldest first, whose newest record is older than the stream keeps; a bounded number in
// one transaction on `database`, so that writers wait only shortly. Returns the number of records deleted; 0: there are
// no more.
Result<std::uint64_t> delete_expired(Database& database, const Stream& stream, std::int64_t now_us);

}  // namespace eddy::host::embedded
