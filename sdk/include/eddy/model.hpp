// SPDX-License-Identifier: Apache-2.0
// EDDY_MODEL and EDDY_ENUM: a struct or an enumeration told to the SDK, once, after its definition.
//
//   struct Film { std::string title; std::optional<int> year; };
//   EDDY_MODEL(Film, EDDY_FIELD(title, "Title"), year)
//   enum class Colour { red, green };
//   EDDY_ENUM(Colour, red, EDDY_FIELD(green, "Green"))
//
// Both stand in the namespace of their type, take up to 340 entries and define a function that is found by ADL.
// A function `void validate(const Film&)` in the same namespace adds checks: declare it next to the model.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "eddy/each.hpp"

namespace eddy::detail {

template <class T>
struct Tag {};

// "film::Title" is "Title" on the wire.
constexpr std::string_view last_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

template <class T, auto... Members>
struct ModelSpec {
  static constexpr std::size_t size = sizeof...(Members);
  std::string_view name;
  std::array<std::string_view, size> wire;

  // Calls visit(member, member, …) with the members of `object` in field order.
  template <class Object, class Visit>
  static constexpr decltype(auto) apply(Object& object, Visit&& visit) {
    return visit(object.*Members...);
  }
  // The types of the members, as a function's parameter list.
  using Types = void(std::remove_cvref_t<decltype(std::declval<T&>().*Members)>...);
};

template <class T, std::size_t N>
struct EnumSpec {
  std::array<T, N> values;
  std::array<std::string_view, N> wire;
};

template <class T>
concept Model = requires {
  eddy_model_of(Tag<T>{});
};
template <class T>
concept ListedEnum = std::is_enum_v<T> && requires {
  eddy_enum_of(Tag<T>{});
};

template <Model T>
inline constexpr auto model_spec = eddy_model_of(Tag<T>{});
template <ListedEnum T>
inline constexpr auto enum_spec = eddy_enum_of(Tag<T>{});

}  // namespace eddy::detail

#define EDDY_FIELD(member, wire_name) (member, wire_name)

#define EDDY_MODEL(Type, ...)                                                                              \
  [[maybe_unused]] constexpr auto eddy_model_of(::eddy::detail::Tag<Type>) {                               \
    return ::eddy::detail::ModelSpec<Type, EDDY_DETAIL_EACH(EDDY_DETAIL_MODEL_MEMBER, Type, __VA_ARGS__)>{ \
        ::eddy::detail::last_name(#Type), {EDDY_DETAIL_EACH(EDDY_DETAIL_MODEL_WIRE, Type, __VA_ARGS__)}};  \
  }
#define EDDY_DETAIL_MODEL_MEMBER(Type, entry) &Type::EDDY_DETAIL_MEMBER(entry)
#define EDDY_DETAIL_MODEL_WIRE(Type, entry) EDDY_DETAIL_NAME(entry)

#define EDDY_ENUM(Type, ...)                                                                                   \
  [[maybe_unused]] constexpr auto eddy_enum_of(::eddy::detail::Tag<Type>) {                                    \
    constexpr ::std::string_view eddy_names[] = {EDDY_DETAIL_EACH(EDDY_DETAIL_MODEL_WIRE, Type, __VA_ARGS__)}; \
    return ::eddy::detail::EnumSpec<Type, sizeof(eddy_names) / sizeof(eddy_names[0])>{                         \
        {EDDY_DETAIL_EACH(EDDY_DETAIL_ENUM_VALUE, Type, __VA_ARGS__)},                                         \
        {EDDY_DETAIL_EACH(EDDY_DETAIL_MODEL_WIRE, Type, __VA_ARGS__)}};                                        \
  }
#define EDDY_DETAIL_ENUM_VALUE(Type, entry) Type::EDDY_DETAIL_MEMBER(entry)
