// SPDX-License-Identifier: Apache-2.0
// What a client shows of who it is.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

inline constexpr std::size_t kLongestPeerName = 128;
inline constexpr std::size_t kLongestToken = 16 << 10;

// Of "Bearer TOKEN"; empty: it is something else.
std::string_view bearer_token(std::string_view header);

// A name from outside, fit for a line of the log.
std::string printable(std::string_view name);

// One account for each IPv4 address and each IPv6 network of 64 bits, as one customer has all of that.
std::string address_account(std::string_view address);

}  // namespace eddy::host
