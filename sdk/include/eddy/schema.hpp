// SPDX-License-Identifier: Apache-2.0
// A model as the host reads it: static data, built by the compiler.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "eddy/host.hpp"
#include "eddy/json.hpp"
#include "eddy/key.hpp"
#include "eddy/model.hpp"
#include "eddy/timestamp.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
inline constexpr bool is_marked = false;
template <class T, unsigned F>
inline constexpr bool is_marked<Marked<T, F>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T, class A>
inline constexpr bool is_vector<std::vector<T, A>> = true;
template <class T>
inline constexpr bool is_string_map = false;
template <class T, class C, class A>
inline constexpr bool is_string_map<std::map<std::string, T, C, A>> = true;

// Characters are text, not numbers; the byte types int8_t and uint8_t are numbers.
template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Number = (std::same_as<T, float> || std::same_as<T, double> || std::integral<T>)&&sizeof(T) <= 8 &&
                 !std::same_as<T, bool> && !Character<T>;

template <class T>
inline constexpr bool always_false = false;

template <Number T>
constexpr std::uint32_t number_kind() {
  if constexpr (std::floating_point<T>) return sizeof(T) == 4 ? EDDY_TYPE_F32 : EDDY_TYPE_F64;
  constexpr std::uint32_t step = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return (std::signed_integral<T> ? EDDY_TYPE_I8 : EDDY_TYPE_U8) + step;
}

template <class T>
constexpr eddy_type make_type();
template <Model T>
constexpr eddy_model make_model();

template <class T>
inline constexpr eddy_type type_of = make_type<T>();
template <Model T>
inline constexpr eddy_model model_of = make_model<T>();

template <ListedEnum T>
constexpr auto make_symbols() {
  std::array<eddy_str, enum_spec<T>.wire.size()> symbols{};
  for (std::size_t i = 0; i < symbols.size(); ++i) symbols[i] = to_abi(enum_spec<T>.wire[i]);
  return symbols;
}
template <ListedEnum T>
inline constexpr auto symbols_of = make_symbols<T>();

template <class T>
constexpr eddy_type make_type() {
  eddy_type type{sizeof(eddy_type), 0, nullptr, nullptr, nullptr, 0};
  if constexpr (is_marked<T>) {
    type = make_type<decltype(T::value)>();
  } else if constexpr (std::same_as<T, bool>) {
    type.kind = EDDY_TYPE_BOOL;
  } else if constexpr (Number<T>) {
    type.kind = number_kind<T>();
  } else if constexpr (std::same_as<T, std::string>) {
    type.kind = EDDY_TYPE_STRING;
  } else if constexpr (std::same_as<T, Timestamp>) {
    type.kind = EDDY_TYPE_TIMESTAMP;
  } else if constexpr (std::same_as<T, Json>) {
    type.kind = EDDY_TYPE_JSON;
  } else if constexpr (ListedEnum<T>) {
    type.kind = EDDY_TYPE_ENUM;
    type.symbols = symbols_of<T>.data();
    type.symbol_count = symbols_of<T>.size();
  } else if constexpr (Model<T>) {
    type.kind = EDDY_TYPE_MODEL;
    type.model = &model_of<T>;
  } else if constexpr (is_optional<T> || is_vector<T>) {
    type.kind = is_optional<T> ? EDDY_TYPE_OPTIONAL : EDDY_TYPE_LIST;
    type.element = &type_of<typename T::value_type>;
  } else if constexpr (is_string_map<T>) {
    type.kind = EDDY_TYPE_MAP;
    type.element = &type_of<typename T::mapped_type>;
  } else {
    static_assert(always_false<T>,
                  "eddy: a field of an EDDY_MODEL must be bool, an integer, float or double, std::string, "
                  "eddy::Timestamp, eddy::Key, eddy::Unique, std::optional, std::vector, std::map<std::string, T>, an "
                  "EDDY_ENUM, another EDDY_MODEL or eddy::Json");
  }
  return type;
}

template <class T>
constexpr std::uint32_t marks_of(Tag<T>) {
  return 0;
}
template <class T, unsigned F>
constexpr std::uint32_t marks_of(Tag<Marked<T, F>>) {
  return F | marks_of(Tag<T>{});
}

template <class... Ts>
constexpr std::array<eddy_field, sizeof...(Ts)> make_fields(const std::array<std::string_view, sizeof...(Ts)>& wire,
                                                            void (*)(Ts...)) {
  std::size_t i = 0;
  return {eddy_field{sizeof(eddy_field), marks_of(Tag<Ts>{}), to_abi(wire[i++]), &type_of<Ts>}...};
}
template <Model T>
inline constexpr auto fields_of = make_fields(model_spec<T>.wire,
                                              static_cast<typename decltype(eddy_model_of(Tag<T>{}))::Types*>(nullptr));

// The plugin's own checks as the host calls them; defined in validate.hpp.
template <Model T>
std::uint32_t validate_row(const eddy_value* row, eddy_call* call);
template <class T>
constexpr bool has_checks();

template <Model T>
constexpr eddy_model make_model() {
  static_assert(std::default_initializable<T>, "eddy: the struct of an EDDY_MODEL must be default-constructible");
  return {sizeof(eddy_model),
          static_cast<std::uint32_t>(fields_of<T>.size()),
          sizeof(eddy_field),
          0,
          to_abi(model_spec<T>.name),
          fields_of<T>.data(),
          has_checks<T>() ? &validate_row<T> : nullptr};
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
