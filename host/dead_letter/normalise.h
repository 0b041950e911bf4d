// SPDX-License-Identifier: Apache-2.0
// Takes out of an error message what differs from one record to the next.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

// Of longer messages only the front is looked at: what a cause has in common stands there.
inline constexpr std::size_t kNormalisedBytes = 512;

// Appends `message` with quoted text as <text>, UUIDs as <uuid>, hexadecimal numbers as <hex> (0x1f, or eight and more
// hexadecimal digits of which one is a decimal digit and one a letter) and other numbers as <n> (with sign, fraction
// and exponent; also the digits inside a word).
void append_normalised(std::string& out, std::string_view message);

}  // namespace eddy::host
