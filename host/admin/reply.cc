// SPDX-License-Identifier: Apache-2.0
#include "admin/reply.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

int status_of(Code code) {
  switch (code) {
    case Code::kUsage:
    case Code::kBadData:
      return 400;
    case Code::kTooLarge:
      return 413;
    case Code::kRefused:
    case Code::kConflict:
      return 409;
    case Code::kUnavailable:
      return 503;
    case Code::kConfig:
    case Code::kCorrupt:
    case Code::kInternal:
      break;
  }
  return 500;
}

}  // namespace

HttpReply json_reply(int status, const Json& json) {
  return {status, "application/json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

HttpReply error_reply(int status, std::string_view text) { return json_reply(status, {{"error", text}}); }

HttpReply error_reply(const Error& error) { return error_reply(status_of(error.code), error.text); }

}  // namespace eddy::host
