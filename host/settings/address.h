// SPDX-License-Identifier: Apache-2.0
// Addresses to listen on, as they are written in the configuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

inline constexpr std::string_view kAddressForm = "host:port, such as 127.0.0.1:5001 or [::1]:5001";

// "127.0.0.1:5001", "[::1]:5001", "localhost:0". kConfig when the text is none of these.
Result<ListenAddress> parse_listen(std::string_view text);

// True for 127.0.0.0/8, ::1 and the name localhost.
bool is_loopback(const std::string& host);

}  // namespace eddy::host
