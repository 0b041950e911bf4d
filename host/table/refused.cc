// SPDX-License-Identifier: Apache-2.0
#include "table/refused.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "table/cell.h"
#include "table/column.h"

namespace eddy::host {

std::string refused_to_json(std::span<const Refusal> refusals) {
  std::string json = "[";
  for (const Refusal& refusal : refusals) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({{"offset":{},"code":)", refusal.offset);
    append_json_string(json, refusal.code);
    json += R"(,"message":)";
    // jsonb cannot hold a NUL.
    std::string message = refusal.message;
    std::ranges::replace(message, '\0', ' ');
    append_json_string(json, message);
    json += '}';
  }
  return json + ']';
}

Result<std::vector<Refusal>> refused_from_json(std::string_view json, std::uint32_t partition, std::string_view where) {
  const Error damaged{Code::kCorrupt,
                      fmt::format("{}: expected a list of refused offsets in column refused of {}, found {}; set it to "
                                  "[] to go on without them",
                                  where, kFeedsTable, cut_message(std::string(json)))};
  const auto list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_array()) return damaged;
  std::vector<Refusal> refusals;
  for (const auto& entry : list) {
    if (!entry.is_object()) return damaged;
    const auto offset = entry.find("offset");
    const auto code = entry.find("code");
    const auto message = entry.find("message");
    if (offset == entry.end() || !offset->is_number_integer() || code == entry.end() || !code->is_string() ||
        message == entry.end() || !message->is_string()) {
      return damaged;
    }
    refusals.push_back({partition, offset->get<std::int64_t>(), code->get<std::string>(), message->get<std::string>()});
  }
  return refusals;
}

std::map<std::uint32_t, std::vector<Refusal>> refusals_by_partition(const RowBatch& batch,
                                                                    std::span<const Refusal> refused) {
  std::map<std::uint32_t, std::vector<Refusal>> sorted;
  for (const Refusal& refusal : batch.refusals) sorted[refusal.partition].push_back(refusal);
  for (const Refusal& refusal : refused) sorted[refusal.partition].push_back(refusal);
  for (auto& [partition, list] : sorted) std::ranges::sort(list, {}, &Refusal::offset);
  return sorted;
}

}  // namespace eddy::host
