// SPDX-License-Identifier: Apache-2.0
// A running host, asked over its admin listener.
#pragma once

#include <string>

#include "base/result.h"
#include "settings/settings.h"

namespace eddy::host {

struct AdminAnswer {
  unsigned status = 0;
  std::string body;
};

// One request to `address` (host:port), which must be of this machine. kUnavailable when nobody answers.
Result<AdminAnswer> ask_host(const std::string& address, const std::string& method, const std::string& target);

}  // namespace eddy::host
