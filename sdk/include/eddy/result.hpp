// SPDX-License-Identifier: Apache-2.0
// Failing without a throw, for hot failure paths: `return eddy::fail("out_of_stock", "no item left")`.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "eddy/errors.hpp"

namespace eddy {

// Why a function failed. `type` becomes the dead letter's error_type.
struct Failed {
  std::string type;
  std::string message;
  FailKind kind = FailKind::plain;
};

inline Failed fail(std::string type, std::string message, FailKind kind = FailKind::plain) {
  return {std::move(type), std::move(message), kind};
}

// What a function returned, or why it failed. T may be a value, an optional or a vector.
template <class T>
class [[nodiscard]] Result {
 public:
  template <class U = T>
  requires(std::convertible_to<U&&, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, Failed>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Failed failed) : state_(std::in_place_index<1>, std::move(failed)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  const T& operator*() const { return std::get<0>(state_); }
  T& operator*() { return std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Failed& failed() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failed> state_;
};

// For consumers: `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failed failed) : state_(std::move(failed)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  const Failed& failed() const { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, Failed> state_;
};

}  // namespace eddy
