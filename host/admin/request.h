// SPDX-License-Identifier: Apache-2.0
// What a handler is asked.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/rights.h"
#include "base/result.h"

namespace eddy::host {

// Decoded, in the order they came; a key may come again.
using Query = std::vector<std::pair<std::string, std::string>>;

struct ApiRequest {
  std::string method{};                                          // HEAD comes as GET
  std::string path{};                                            // as it was asked for, without the query
  std::map<std::string, std::string, std::less<>> parameters{};  // the path's, by name, decoded
  Query query{};
  std::string body{};
  Operator who{};
  std::string from{};           // address of the client, without its port
  std::string if_none_match{};  // the header: what the client has already; empty: nothing

  // One of the path's, which the route has for certain.
  const std::string& parameter(std::string_view name) const;
  // The last one with this key; none: it is not there.
  std::optional<std::string_view> first(std::string_view key) const;
  std::vector<std::string> all(std::string_view key) const;
  // kUsage, saying what was expected: neither true nor false (a bare `?key` is true), no number, out of range.
  Result<bool> flag(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                               std::int64_t most) const;
  // The body as a JSON object; an empty body is an empty one. kUsage, saying where it is wrong, or deeper or wider than
  // json_shape.h says.
  Result<nlohmann::ordered_json> json() const;
};

// What follows "?" in a request's target. none: as percent_decode().
std::optional<Query> parse_query(std::string_view target);

// The path of a target: without query, and without scheme and host when a proxy left them in.
std::string_view path_of(std::string_view target);

}  // namespace eddy::host
