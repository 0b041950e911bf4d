// SPDX-License-Identifier: Apache-2.0
// Refusals as they stand beside a position: [{"offset":12,"code":"23505","message":"…"}].
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table_sink.h"

namespace eddy::host {

std::string refused_to_json(std::span<const Refusal> refusals);

// kCorrupt when the text is not what refused_to_json() writes. `where` for the message.
Result<std::vector<Refusal>> refused_from_json(std::string_view json, std::uint32_t partition, std::string_view where);

// All refusals of a batch, those that came with it and those of the database, by partition and offset.
std::map<std::uint32_t, std::vector<Refusal>> refusals_by_partition(const RowBatch& batch,
                                                                    std::span<const Refusal> refused);

}  // namespace eddy::host
