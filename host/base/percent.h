// SPDX-License-Identifier: Apache-2.0
// Percent-encoding of what stands in URLs (RFC 3986 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eddy::host {

// As a segment of a path or a value of a query: everything but letters, digits, '-', '.', '_' and '~' as %XX.
std::string percent_encode(std::string_view text);

// "%2F" and, in a query, "+". none: a "%" without two hexadecimal digits, or a zero byte.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

}  // namespace eddy::host
