// SPDX-License-Identifier: Apache-2.0
// Short ways to write an entry of the field table.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/fields.h"

namespace eddy::host {

inline constexpr std::int64_t kMiB = 1 << 20;

inline Field integer(std::string_view path, std::int64_t fallback, double least, double most, std::string_view unit,
                     std::string_view doc) {
  return {.path = path,
          .kind = Kind::kInteger,
          .fallback = fallback,
          .least = least,
          .most = most,
          .unit = unit,
          .doc = doc};
}

inline Field number(std::string_view path, double fallback, double least, double most, std::string_view doc) {
  return {.path = path, .kind = Kind::kNumber, .fallback = fallback, .least = least, .most = most, .doc = doc};
}

inline Field choice(std::string_view path, std::string fallback, std::vector<std::string_view> allowed,
                    std::string_view doc) {
  return {.path = path, .fallback = std::move(fallback), .allowed = std::move(allowed), .doc = doc};
}

inline Field flag(std::string_view path, bool fallback, std::string_view doc) {
  return {.path = path, .kind = Kind::kBool, .fallback = fallback, .doc = doc};
}

inline Field text(std::string_view path, std::string fallback, std::string_view doc) {
  return {.path = path, .fallback = std::move(fallback), .doc = doc};
}

inline Field texts(std::string_view path, std::vector<std::string> fallback, std::string_view doc) {
  return {.path = path, .kind = Kind::kTextList, .fallback = std::move(fallback), .doc = doc};
}

}  // namespace eddy::host
