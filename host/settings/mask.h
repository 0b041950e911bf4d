// SPDX-License-Identifier: Apache-2.0
// Keeps passwords out of what is shown.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

inline constexpr std::string_view kMasked = "***";

// A shorter one that is written into a configuration is refused.
inline constexpr std::size_t kShortestSecret = 16;

// True when the name says that the value is a secret: password, token, secret, api_key and their like, in any case.
bool names_secret(std::string_view name);
// The same for properties of a client, where a key is one as well, and so is what a login module is configured with.
bool names_secret_property(std::string_view name);

// Replaces passwords inside a text: "scheme://user:***@host", "password=***". When in doubt it hides too much.
std::string mask_text(std::string_view text);

}  // namespace eddy::host
