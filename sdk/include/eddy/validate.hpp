// SPDX-License-Identifier: Apache-2.0
// The plugin's own checks: `void validate(const T&)`, found by ADL, of a model and of the models within it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "eddy/barrier.hpp"
#include "eddy/errors.hpp"
#include "eddy/row.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
concept Checked = requires(const T& value) {
  validate(value);
};

template <class... Ts>
constexpr bool any_has_checks(void (*)(Ts...)) {
  return (has_checks<Ts>() || ...);
}

// True when validate() is there for T or for something inside it.
template <class T>
constexpr bool has_checks() {
  if constexpr (is_marked<T>) {
    return has_checks<decltype(T::value)>();
  } else if constexpr (is_optional<T> || is_vector<T>) {
    return has_checks<typename T::value_type>();
  } else if constexpr (is_string_map<T>) {
    return has_checks<typename T::mapped_type>();
  } else if constexpr (Model<T>) {
    return Checked<T> || any_has_checks(static_cast<typename decltype(eddy_model_of(Tag<T>{}))::Types*>(nullptr));
  } else {
    return false;
  }
}

// Appends one JSON pointer token; a check that throws leaves the pointer standing where it was.
inline std::size_t push_token(std::string& pointer, std::string_view token) {
  const std::size_t before = pointer.size();
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return before;
}

template <class T>
void check_value(const T& value, std::string& pointer) {
  if constexpr (!has_checks<T>()) {
    return;
  } else if constexpr (is_marked<T>) {
    check_value(value.value, pointer);
  } else if constexpr (is_optional<T>) {
    if (value) check_value(*value, pointer);
  } else if constexpr (is_vector<T>) {
    std::size_t i = 0;
    for (const auto& item : value) {
      const std::size_t before = push_token(pointer, std::to_string(i++));
      check_value(item, pointer);
      pointer.resize(before);
    }
  } else if constexpr (is_string_map<T>) {
    for (const auto& [key, item] : value) {
      const std::size_t before = push_token(pointer, key);
      check_value(item, pointer);
      pointer.resize(before);
    }
  } else {
    model_spec<T>.apply(value, [&pointer](const auto&... members) {
      std::size_t i = 0;
      const auto check_member = [&](const auto& member) {
        const std::size_t before = push_token(pointer, model_spec<T>.wire[i++]);
        check_value(member, pointer);
        pointer.resize(before);
      };
      (check_member(members), ...);
    });
    if constexpr (Checked<T>) validate(value);
  }
}

// Throws ValidationError with the message of whatever a check threw, and the JSON pointer of a nested model.
template <Model T>
void check(const T& value) {
  if constexpr (has_checks<T>()) {
    std::string pointer;
    try {
      check_value(value, pointer);
    } catch (...) {
      rethrow_as_validation_error(pointer);
    }
  }
}

template <Model T>
std::uint32_t validate_row(const eddy_value* row, eddy_call* call) {
  TypeName name;
  return guarded(call, name, [row] {
    T value{};
    read_row(row, value);
    check(value);
    return std::uint32_t{EDDY_OK};
  });
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
