// SPDX-License-Identifier: Apache-2.0
// What a handler answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eddy::host {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  // beside those every reply has; they replace those
  std::string audit{};  // what the audit log says of the outcome ("12 letters"); not sent; no secrets, nothing masked
};

// Bytes that are no UTF-8 become U+FFFD.
HttpReply json_reply(int status, const nlohmann::ordered_json& json);

// {"error": "…"}: how every refusal looks.
HttpReply error_reply(int status, std::string_view text);
// The same with the status that fits the code: 400 the request is wrong, 409, 413, 503; else 500. What is not there is
// for the handler to say: 404.
HttpReply error_reply(const Error& error);

}  // namespace eddy::host
