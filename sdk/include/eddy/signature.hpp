// SPDX-License-Identifier: Apache-2.0
// What a function takes and returns, and its name, taken from the function itself.
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "eddy/hidden.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class R, class... A>
struct Signature {
  using Return = R;
  using Arguments = std::tuple<A...>;
  static constexpr bool known = true;
  static constexpr std::size_t arity = sizeof...(A);
};

struct UnknownSignature {
  static constexpr bool known = false;
};

template <class F>
struct SignatureOf : UnknownSignature {};
template <class R, class... A>
struct SignatureOf<R (*)(A...)> : Signature<R, A...> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...) noexcept> : Signature<R, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...)> : Signature<R, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) noexcept> : Signature<R, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const> : Signature<R, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const noexcept> : Signature<R, A...> {};

// A class with exactly one operator(), which is not a template.
template <class C>
concept Callable = requires {
  &C::operator();
};

template <class C>
constexpr auto call_signature() {
  if constexpr (Callable<C>) {
    return SignatureOf<decltype(&C::operator())>{};
  } else {
    return UnknownSignature{};
  }
}

template <auto F>
constexpr std::string_view pretty_name() {
  return __PRETTY_FUNCTION__;
}
template <class C>
constexpr std::string_view pretty_name() {
  return __PRETTY_FUNCTION__;
}

// "… [with auto F = app::{anonymous}::to_release; …" gives "to_release"; empty for what has no name, such as a lambda.
constexpr std::string_view plain_name(std::string_view pretty) {
  constexpr std::string_view kMarks[] = {"F = ", "C = "};
  std::size_t begin = std::string_view::npos;
  for (const std::string_view mark : kMarks) {
    if (begin == std::string_view::npos) {
      begin = pretty.find(mark);
      if (begin != std::string_view::npos) begin += mark.size();
    }
  }
  if (begin == std::string_view::npos) return {};
  std::string_view name = pretty.substr(begin);
  // gcc and clang write an unnamed namespace as "{anonymous}" and "(anonymous namespace)".
  if (name.find("lambda") != std::string_view::npos || name.starts_with("{}")) return {};
  name = name.substr(0, name.find_first_of("<;]"));
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos) name = name.substr(colon + 1);
  if (name.starts_with('&')) name = name.substr(1);
  return name;
}

// A function, or a lambda without captures.
template <auto F>
struct FunctionTarget {
  struct Instance {};
  static constexpr bool stateful = false;
  static constexpr std::string_view name() { return plain_name(pretty_name<F>()); }
  static constexpr auto signature() {
    if constexpr (std::is_class_v<decltype(F)>) {
      return call_signature<decltype(F)>();
    } else {
      return SignatureOf<std::remove_cv_t<decltype(F)>>{};
    }
  }
  template <class... A>
  static decltype(auto) call(Instance&, A&&... arguments) {
    return F(arguments...);
  }
};

// A class with operator(): one instance per worker thread.
template <class C>
struct ClassTarget {
  using Instance = C;
  static constexpr bool stateful = true;
  static constexpr std::string_view name() { return plain_name(pretty_name<C>()); }
  static constexpr auto signature() { return call_signature<C>(); }
  template <class... A>
  static decltype(auto) call(Instance& instance, A&&... arguments) {
    return instance(arguments...);
  }
};

template <class Target>
using TargetSignature = decltype(Target::signature());

}  // namespace EDDY_HIDDEN
}  // namespace eddy
