// SPDX-License-Identifier: Apache-2.0
// How a receiver knows that a notice is from here and that nobody has kept it for later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eddy::host::webhook {

inline constexpr const char* kSignatureHeader = "X-Eddy-Signature";

// "t=1700000000,v1=<hexadecimal HMAC-SHA256 of '1700000000.' and the body>".
std::string signature(std::string_view secret, std::int64_t now_s, std::string_view body);

}  // namespace eddy::host::webhook
