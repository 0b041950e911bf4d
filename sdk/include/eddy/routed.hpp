// SPDX-License-Identifier: Apache-2.0
// What a multi-transform returns: values, each with the stream it goes to.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "eddy/output.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class S>
concept StreamHandle = requires(const S& stream) {
  { stream.name() } -> std::convertible_to<std::string_view>;
};
template <class S>
concept NamesStream = StreamHandle<S> || std::convertible_to<const S&, std::string_view>;

template <NamesStream S>
std::string stream_name(const S& stream) {
  if constexpr (StreamHandle<S>) {
    return std::string(stream.name());
  } else {
    return std::string(std::string_view(stream));
  }
}

struct RoutedValue {
  RoutedValue() = default;
  RoutedValue(const RoutedValue&) = delete;
  RoutedValue& operator=(const RoutedValue&) = delete;
  virtual ~RoutedValue() = default;
  virtual std::uint32_t deliver_to(const Emitter& to) const = 0;
};

template <class T>
struct RoutedHolder final : RoutedValue {
  template <class U>
  explicit RoutedHolder(U&& from) : value(std::forward<U>(from)) {}
  std::uint32_t deliver_to(const Emitter& to) const override { return deliver(to, value); }
  T value;
};

}  // namespace EDDY_HIDDEN

// Move-only. Without values: the record is filtered.
class EDDY_HIDDEN Routed {
 public:
  // One value to one stream, named by its handle or its name. A value may be an optional or a vector; text is raw
  // bytes.
  template <detail::NamesStream S, class T>
  Routed& add(const S& stream, T&& value) {
    using Plain = std::remove_cvref_t<T>;
    using Held = std::conditional_t<std::convertible_to<const Plain&, std::string_view>, std::string, Plain>;
    static_assert(detail::OutputValue<typename detail::Produced<Held>::type>,
                  "eddy: a routed value must be an EDDY_MODEL, eddy::Json, std::string (raw bytes), eddy::Record, or "
                  "an optional or vector of these");
    items_.emplace_back(detail::stream_name(stream),
                        std::make_unique<detail::RoutedHolder<Held>>(std::forward<T>(value)));
    return *this;
  }

  std::uint32_t deliver_to(const detail::Emitter& to) const {
    std::uint32_t status = EDDY_FILTERED;
    for (const auto& [stream, value] : items_) {
      const std::uint32_t one = value->deliver_to({to.call, to.context, detail::to_abi(stream)});
      if (one == EDDY_FAILED) return one;
      if (one == EDDY_OK) status = EDDY_OK;
    }
    return status;
  }

 private:
  std::vector<std::pair<std::string, std::unique_ptr<detail::RoutedValue>>> items_;
};

namespace detail EDDY_HIDDEN {

inline void route(Routed&) {}

// What follows a value is another value for the same stream, or, when it names a stream, the next pair.
template <class S, class T, class... Rest>
void route(Routed& to, const S& stream, T&& value, Rest&&... rest) {
  to.add(stream, std::forward<T>(value));
  if constexpr (sizeof...(Rest) > 0) {
    if constexpr (NamesStream<std::remove_cvref_t<std::tuple_element_t<0, std::tuple<Rest...>>>>) {
      static_assert(sizeof...(Rest) > 1, "eddy: routed(stream, value…): the last stream has no value");
      route(to, std::forward<Rest>(rest)...);
    } else {
      route(to, stream, std::forward<Rest>(rest)...);
    }
  }
}

}  // namespace EDDY_HIDDEN

// routed("good", film), routed("good", film, "audit", entry), routed(handle, one, two), routed() for nothing.
template <class... StreamsAndValues>
Routed routed(StreamsAndValues&&... pairs) {
  Routed result;
  detail::route(result, std::forward<StreamsAndValues>(pairs)...);
  return result;
}

}  // namespace eddy
