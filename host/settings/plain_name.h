// SPDX-License-Identifier: Apache-2.0
// What topic names, transactional ids and labels are made of.
#pragma once

#include <string_view>

namespace eddy::host {

inline constexpr std::size_t kLongestPlainName = 100;

inline bool is_plain_name(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return text.size() <= kLongestPlainName && text.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace eddy::host
