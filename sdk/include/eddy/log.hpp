// SPDX-License-Identifier: Apache-2.0
// eddy::log::warn("took ", seconds, " s"): one line into the host's log, which limits the rate. Any thread.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include "eddy/host.hpp"
#include "eddy/schema.hpp"
#include "eddy/timestamp.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
void append_text(std::string& line, const T& value) {
  if constexpr (is_marked<T>) {
    append_text(line, value.value);
  } else if constexpr (is_optional<T>) {
    if (value) {
      append_text(line, *value);
    } else {
      line += "null";
    }
  } else if constexpr (std::same_as<T, bool>) {
    line += value ? "true" : "false";
  } else if constexpr (std::same_as<T, char>) {
    line += value;
  } else if constexpr (std::convertible_to<const T&, const char*>) {
    const char* text = value;
    line += text != nullptr ? text : "(null)";
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    line += std::string_view(value);
  } else if constexpr (std::same_as<T, Timestamp>) {
    line += value.to_string();
  } else if constexpr (std::integral<T> || std::floating_point<T>) {
    char digits[64];
    line.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  } else if constexpr (ListedEnum<T>) {
    std::string_view name = "(not listed)";
    for (std::size_t i = 0; i < enum_spec<T>.values.size(); ++i) {
      if (enum_spec<T>.values[i] == value) name = enum_spec<T>.wire[i];
    }
    line += name;
  } else {
    static_assert(
        requires(std::ostream & out) { out << value; },
        "eddy::log takes text, numbers, bool, eddy::Timestamp, an EDDY_ENUM, optionals of these, and what can "
        "be written to a std::ostream");
    std::ostringstream out;
    out << value;
    line += out.str();
  }
}

template <class... Parts>
void log_line(std::uint32_t level, const Parts&... parts) {
  if (plugin_host == nullptr) return;
  std::string line;
  (append_text(line, parts), ...);
  plugin_host->log(level, to_abi(line));
}

}  // namespace EDDY_HIDDEN

namespace log EDDY_HIDDEN {

template <class... Parts>
void debug(const Parts&... parts) {
  detail::log_line(EDDY_LOG_DEBUG, parts...);
}
template <class... Parts>
void info(const Parts&... parts) {
  detail::log_line(EDDY_LOG_INFO, parts...);
}
template <class... Parts>
void warn(const Parts&... parts) {
  detail::log_line(EDDY_LOG_WARN, parts...);
}
template <class... Parts>
void error(const Parts&... parts) {
  detail::log_line(EDDY_LOG_ERROR, parts...);
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
