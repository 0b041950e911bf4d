// SPDX-License-Identifier: Apache-2.0
// Where datagrams go: "udp://host:port" or "unix:///path".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

struct PushAddress {
  std::string path;        // of a socket in the file system; empty: by UDP
  std::string host, port;  // host without brackets
};

// kConfig, telling what was expected.
Result<PushAddress> parse_push_address(std::string_view text);

}  // namespace eddy::host
