// SPDX-License-Identifier: Apache-2.0
// Is this a function Eddy can run here? Every answer of no is one static_assert in plain words.
#pragma once

#include <concepts>
#include <tuple>
#include <type_traits>

#include "eddy/config.hpp"
#include "eddy/context.hpp"
#include "eddy/dead_letter.hpp"
#include "eddy/output.hpp"
#include "eddy/routed.hpp"
#include "eddy/signature.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
inline constexpr bool is_letter = false;
template <class T>
inline constexpr bool is_letter<DeadLetter<T>> = true;

template <class T>
struct LetterOf {
  using type = void;
};
template <class T>
struct LetterOf<DeadLetter<T>> {
  using type = T;
};

enum class Use { transform, consumer, multi_transform };

// A parameter that can bind to a value it must not change.
template <class P>
inline constexpr bool takes_const = !std::is_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>;

// The first parameter: `Source` is what the stream carries, or a DeadLetter of what the queue holds.
template <class P, class Source>
constexpr bool check_input() {
  using Taken = std::remove_cvref_t<P>;
  constexpr bool supported =
      takes_const<P> && !std::is_rvalue_reference_v<P> &&
      (Model<Taken> || is_letter<Taken> || std::same_as<Taken, Json> || std::same_as<Taken, Record>);
  static_assert(supported,
                "eddy: the first parameter of a function must be const T& where T is an EDDY_MODEL, const "
                "eddy::DeadLetter<T>&, const eddy::Json& (with nlohmann_json installed) or const eddy::Record&");
  if constexpr (!supported) {
    return false;
  } else if constexpr (is_letter<Source>) {
    static_assert(is_letter<Taken>, "eddy: a function over a dead letter queue takes const eddy::DeadLetter<T>&");
    using Held = typename LetterOf<Source>::type;
    using Wanted = typename LetterOf<Taken>::type;
    constexpr bool same = !Model<Held> || !Model<Wanted> || std::same_as<Held, Wanted>;
    static_assert(same, "eddy: the function takes dead letters of another model than its queue holds");
    return is_letter<Taken> && same;
  } else {
    static_assert(!is_letter<Taken>,
                  "eddy: the function takes eddy::DeadLetter, so its source must be a dead letter queue, not a stream");
    constexpr bool same = !Model<Source> || !Model<Taken> || std::same_as<Source, Taken>;
    static_assert(same, "eddy: the function takes another model than its source stream carries");
    return !is_letter<Taken> && same;
  }
}

// The return type: `Destination` is what the destination stream carries, void where there is none.
template <class R, Use use, class Destination>
constexpr bool check_output() {
  using Item = typename Produced<R>::type;
  if constexpr (use == Use::consumer) {
    static_assert(std::is_void_v<Item>,
                  "eddy: a consumer must return void or eddy::Result<void>; add_transform is for functions that return "
                  "records");
    return std::is_void_v<Item>;
  } else if constexpr (use == Use::multi_transform) {
    static_assert(std::same_as<Item, Routed>,
                  "eddy: a multi-transform must return eddy::Routed, made by eddy::routed(stream, value), or an "
                  "eddy::Result or optional of it");
    return std::same_as<Item, Routed>;
  } else {
    static_assert(!std::is_void_v<Item>,
                  "eddy: a transform must return something; add_consumer is for functions that return void");
    constexpr bool supported = std::is_void_v<Item> || OutputValue<Item>;
    static_assert(supported,
                  "eddy: a transform must return a value, an optional, a vector, or an eddy::Result of one of these; a "
                  "value is an EDDY_MODEL, eddy::Json, std::string (raw bytes) or eddy::Record");
    constexpr bool same = !Model<Destination> || !Model<Item> || std::same_as<Destination, Item>;
    static_assert(same, "eddy: the transform returns another model than its destination stream carries");
    return !std::is_void_v<Item> && supported && same;
  }
}

template <class Arguments>
constexpr bool check_context() {
  if constexpr (std::tuple_size_v<Arguments> == 2) {
    constexpr bool context = std::same_as<std::tuple_element_t<1, Arguments>, Context&>;
    static_assert(context, "eddy: the second parameter of a function, if it has one, must be eddy::Context&");
    return context;
  } else {
    return true;
  }
}

template <class Target>
constexpr bool check_instance() {
  if constexpr (Target::stateful) {
    using C = typename Target::Instance;
    constexpr bool made = std::constructible_from<C, const Config&> || std::default_initializable<C>;
    static_assert(made, "eddy: a class with operator() must be constructible from const eddy::Config& or by default");
    return made;
  } else {
    return true;
  }
}

template <class Target, Use use, class Source, class Destination>
constexpr bool check_function() {
  using S = TargetSignature<Target>;
  static_assert(S::known,
                "eddy: add_transform<f>, add_consumer<f> and add_multi_transform<f> take a function that is not "
                "overloaded, or a class with exactly one operator() that is not a template");
  if constexpr (S::known) {
    constexpr bool arity = S::arity == 1 || S::arity == 2;
    static_assert(arity, "eddy: a function takes its input, and optionally eddy::Context& second");
    if constexpr (arity) {
      using Arguments = typename S::Arguments;
      constexpr bool input = check_input<std::tuple_element_t<0, Arguments>, Source>();
      constexpr bool output = check_output<typename S::Return, use, Destination>();
      constexpr bool context = check_context<Arguments>();
      return input && output && context && check_instance<Target>();
    }
  }
  return false;
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
