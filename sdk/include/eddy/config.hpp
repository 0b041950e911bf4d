// SPDX-License-Identifier: Apache-2.0
// A function's configuration section: a JSON object, read without a JSON library.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "eddy/errors.hpp"
#include "eddy/json.hpp"
#include "eddy/json_text.hpp"
#include "eddy/schema.hpp"

namespace eddy {

// Owns its text. Scalars and lists of them have a getter; for more take json().
class Config {
 public:
  Config() : Config("{}") {}
  explicit Config(std::string_view json_object) : text_(json_object) {
    if (!detail::split_json_object(text_, entries_)) throw ValidationError("the configuration is not a JSON object");
  }

  const std::string& text() const noexcept { return text_; }
  // True when the key is there and not null.
  bool has(std::string_view key) const {
    const std::string* raw = find(key);
    return raw != nullptr && *raw != "null";
  }

  // T: bool, a number, std::string, or a std::vector of these. Throws ValidationError naming the key.
  template <class T>
  T get(std::string_view key) const {
    const std::string* raw = find(key);
    if (raw == nullptr) throw ValidationError(place(key) + "expected " + wanted<T>() + ", found nothing");
    T value{};
    if (!read(*raw, value)) throw ValidationError(place(key) + "expected " + wanted<T>() + ", found " + *raw);
    return value;
  }
  // `fallback` when the key is not there or null; a value of the wrong type still throws.
  template <class T>
  T get(std::string_view key, T fallback) const {
    return has(key) ? get<T>(key) : fallback;
  }
  std::string get(std::string_view key, const char* fallback) const { return get<std::string>(key, fallback); }

  template <class J = Json>
  requires(EDDY_HAS_JSON == 1) J json()
  const { return J::parse(text_); }

 private:
  const std::string* find(std::string_view key) const {
    for (const auto& [name, raw] : entries_) {
      if (name == key) return &raw;
    }
    return nullptr;
  }
  static std::string place(std::string_view key) { return "configuration /" + std::string(key) + ": "; }

  template <class T>
  static std::string wanted() {
    if constexpr (detail::is_vector<T>) {
      return "a list, each item " + wanted<typename T::value_type>();
    } else if constexpr (std::same_as<T, bool>) {
      return "true or false";
    } else if constexpr (std::integral<T>) {
      return "an integer of " + std::to_string(8 * sizeof(T)) + " bits";
    } else if constexpr (std::floating_point<T>) {
      return "a number";
    } else {
      return "a string";
    }
  }

  template <class T>
  static bool read(const std::string& raw, T& value) {
    if constexpr (std::same_as<T, bool>) {
      value = raw == "true";
      return value || raw == "false";
    } else if constexpr (detail::Number<T>) {
      const char* end = raw.data() + raw.size();
      const auto [stop, error] = std::from_chars(raw.data(), end, value);
      return error == std::errc() && stop == end;
    } else if constexpr (std::same_as<T, std::string>) {
      return detail::unquote_json(raw, value);
    } else if constexpr (detail::is_vector<T>) {
      std::vector<std::string> items;
      if (!detail::split_json_array(raw, items)) return false;
      for (const std::string& item : items) {
        typename T::value_type one{};
        if (!read(item, one)) return false;
        value.push_back(std::move(one));
      }
      return true;
    } else {
      static_assert(detail::always_false<T>,
                    "eddy: Config::get<T> reads bool, numbers, std::string and std::vector of these; use json()");
    }
  }

  std::string text_;
  std::vector<std::pair<std::string, std::string>> entries_;  // key, JSON text
};

}  // namespace eddy
