// SPDX-License-Identifier: Apache-2.0
// Key<T> and Unique<T>: what a table, and the record key, take from a model's field.
#pragma once

#include <compare>
#include <concepts>
#include <type_traits>
#include <utility>

#include "eddy/abi.h"

namespace eddy {
namespace detail {

// A T that carries a mark for the schema and otherwise behaves as a T.
template <class T, unsigned Flags>
struct Marked {
  T value{};

  constexpr Marked() = default;
  template <class U>
  requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Marked>) constexpr Marked(U&& from)
      : value(std::forward<U>(from)) {}

  constexpr operator const T&() const& noexcept { return value; }
  constexpr const T& operator*() const noexcept { return value; }
  constexpr T& operator*() noexcept { return value; }
  constexpr const T* operator->() const noexcept { return &value; }
  constexpr T* operator->() noexcept { return &value; }

  friend constexpr bool operator==(const Marked& a, const Marked& b) { return a.value == b.value; }
  template <class U>
  requires(!std::same_as<U, Marked> && std::equality_comparable_with<T, U>) friend constexpr bool operator==(
      const Marked& a, const U& b) {
    return a.value == b;
  }
};

}  // namespace detail

// The table's sort key (indexed, not unique) and the record key of what is written.
template <class T>
using Key = detail::Marked<T, EDDY_FIELD_KEY>;

// A second row with the same value is refused by the table.
template <class T>
using Unique = detail::Marked<T, EDDY_FIELD_UNIQUE>;

}  // namespace eddy
