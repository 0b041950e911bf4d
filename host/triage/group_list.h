// SPDX-License-Identifier: Apache-2.0
// Lists groups and queues out of the index.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "triage/letter_list.h"

namespace eddy::host::triage {

Result<GroupPage> list_groups(const Lister& lister, const std::string& queue, const LetterFilter& filter,
                              const Page& page, std::int64_t now_us);
Result<std::vector<QueueSummary>> list_queues(sqlite::Database& reader);

}  // namespace eddy::host::triage
