// SPDX-License-Identifier: Apache-2.0
// A route of the admin listener: where it is, who may use it, what it takes and answers, and the code behind it. The
// OpenAPI document is made of these.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "admin/reply.h"
#include "admin/request.h"

namespace eddy::host {

using ApiHandler = std::function<HttpReply(const ApiRequest&)>;

// Of the query.
struct ApiParameter {
  std::string name{};
  std::string description{};
  nlohmann::ordered_json schema = {{"type", "string"}};
  bool repeatable = false;  // each value is of the schema
};

enum class ApiLane : std::uint8_t {
  kWork,   // one of several threads; may take a while, not minutes: a long job is a thread of its own elsewhere
  kQuick,  // one thread, for what must answer whatever else is asked: a few milliseconds at most
};

// Its schemas are JSON Schema 2020-12, made with schema.h or by hand.
struct ApiRoute {
  std::string method = "GET";  // GET is HEAD too
  std::string path{};          // "/api/v1/queues/{queue}/groups": a segment in braces is named, and stands for any one
  std::string summary{};
  std::string description{};
  std::vector<ApiParameter> query{};
  nlohmann::ordered_json body{};   // of a JSON body; null: none is taken
  nlohmann::ordered_json reply{};  // of the JSON answer; null: it is none
  std::string reply_type = "application/json";
  std::vector<int> refusals{};  // statuses it answers by itself, beside those of every route: 404, 409, 503 …

  std::optional<Right> needs = Right::kView;  // none: everybody may
  // The flag of the query that makes a request one that reveals: it then needs Right::kReveal as well, and is audited.
  std::string reveals_by{};
  // Keys of a JSON body whose values the audit log may have; of the others it has the names. All of the path and the
  // query is there anyway, but for the values in `match`.
  std::vector<std::string> audited{};

  ApiLane lane = ApiLane::kWork;
  bool documented = true;  // in the OpenAPI document and in the list of a 404; unknown keys of the query are refused
  ApiHandler handler{};    // [threads of the lane] Several calls at a time
  std::size_t max_body = std::size_t{1} << 20;

  bool changes() const { return method != "GET"; }
};

}  // namespace eddy::host
