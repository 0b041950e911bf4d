// SPDX-License-Identifier: Apache-2.0
// "https://host:port/path?query" of a webhook.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

struct WebhookUrl {
  bool secure = false;
  std::string host, port;  // host without brackets
  std::string target;      // path and query
};

// kConfig, telling what was expected and nothing of what may be a secret in it.
Result<WebhookUrl> parse_webhook_url(std::string_view url);

}  // namespace eddy::host
