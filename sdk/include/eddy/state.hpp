// SPDX-License-Identifier: Apache-2.0
// A stateful function that hands what it has to the next build of its plugin:
//
//   class Count {
//    public:
//     static constexpr std::uint32_t state_version = 1;
//     void save(eddy::StateWriter& to) const { to.write(seen_); }
//     void load(std::uint32_t version, eddy::StateReader& from) { from.read(seen_); }  // throw: start afresh
//     …
//
// When it is handed over, and when it is not: eddy/ext/state.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "eddy/errors.hpp"
#include "eddy/ext/state.h"
#include "eddy/host.hpp"
#include "eddy/schema.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
concept StateNumber = std::is_arithmetic_v<T> || std::is_enum_v<T>;

// A container of what can be written, one element after another.
template <class T>
concept StateList = !std::convertible_to<const T&, std::string_view> && requires(const T& list) {
  typename T::value_type;
  { list.size() } -> std::convertible_to<std::size_t>;
  list.begin();
  list.end();
};

template <class T>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;

}  // namespace EDDY_HIDDEN

// Writes numbers, enums, text, and pairs, optionals and containers of these; bytes() for anything else. Lives for one
// save. Throws std::length_error when the state is more than the host takes.
class StateWriter {
 public:
  StateWriter(eddy_call* call, const eddy_state_writer& to) : call_(call), to_(to) {}
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  void bytes(std::string_view bytes) {
    if (bytes.empty()) return;
    if (to_.write(call_, detail::to_abi(bytes)) != EDDY_OK) throw std::length_error("the state is too large");
  }

  template <class T>
  void write(const T& value) {
    if constexpr (detail::StateNumber<T>) {
      bytes({reinterpret_cast<const char*>(&value), sizeof value});
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      const std::string_view text = value;
      write(static_cast<std::uint64_t>(text.size()));
      bytes(text);
    } else if constexpr (detail::is_pair<T>) {
      write(value.first);
      write(value.second);
    } else if constexpr (detail::is_optional<T>) {
      write(value.has_value());
      if (value) write(*value);
    } else {
      static_assert(detail::StateList<T>,
                    "eddy: a state has numbers, enums, text, and pairs, optionals and containers of these; write the "
                    "members of a struct one by one");
      write(static_cast<std::uint64_t>(value.size()));
      for (const auto& element : value) write(static_cast<const typename T::value_type&>(element));
    }
  }

 private:
  eddy_call* call_;
  const eddy_state_writer& to_;
};

// Reads what a StateWriter wrote, in the same order and types. Lives for one load. Throws ValidationError when the
// bytes end too soon: the function then starts afresh.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;

  // What has not been read. A view is valid until load returns.
  std::string_view rest() const noexcept { return rest_; }
  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) throw ValidationError("StateError", "the state ends before all of it was read");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <class T>
  T read() {
    T value{};
    read(value);
    return value;
  }
  template <class T>
  void read(T& value) {
    if constexpr (std::same_as<T, bool>) {
      value = bytes(1).front() != 0;
    } else if constexpr (detail::StateNumber<T>) {
      std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    } else if constexpr (std::same_as<T, std::string>) {
      value = bytes(size());
    } else if constexpr (detail::is_pair<T>) {
      read(value.first);
      read(value.second);
    } else if constexpr (detail::is_optional<T>) {
      value.reset();
      if (read<bool>()) value.emplace(read<typename T::value_type>());
    } else {
      static_assert(detail::StateList<T>, "eddy: a state is read as it was written: see StateWriter::write");
      value.clear();
      for (std::size_t left = size(); left > 0; --left) value.insert(value.end(), element<typename T::value_type>());
    }
  }

 private:
  std::size_t size() { return static_cast<std::size_t>(read<std::uint64_t>()); }

  // An element of a map is a pair with a constant key.
  template <class E>
  E element() {
    if constexpr (detail::is_pair<E>) {
      auto first = read<std::remove_const_t<typename E::first_type>>();
      return E(std::move(first), read<typename E::second_type>());
    } else {
      return read<E>();
    }
  }

  std::string_view rest_;
};

namespace detail EDDY_HIDDEN {

template <class C>
concept SavesState = requires(const C& function, StateWriter& to) {
  function.save(to);
};
template <class C>
concept LoadsState = requires(C& function, std::uint32_t version, StateReader& from) {
  function.load(version, from);
};
template <class C>
concept HasStateVersion = requires {
  { C::state_version } -> std::convertible_to<std::uint32_t>;
};

template <class C>
constexpr bool keeps_state() {
  constexpr int parts = int{SavesState<C>} + int{LoadsState<C>} + int{HasStateVersion<C>};
  static_assert(parts == 0 || parts == 3,
                "eddy: a function that hands over its state has all of: static constexpr std::uint32_t state_version, "
                "void save(eddy::StateWriter&) const, void load(std::uint32_t version, eddy::StateReader&)");
  return parts == 3;
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
