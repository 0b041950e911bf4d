// SPDX-License-Identifier: Apache-2.0
// Rows to structs and back. Everything is resolved by the compiler: a flat struct is one assignment per field.
// A row is what the host decoded against the model, so its kinds are not looked at again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "eddy/schema.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <Model T>
void read_row(const eddy_value* row, T& out);

// Assigns to an object that may hold the previous record's value, so that its memory is used again.
template <class T>
void read_value(const eddy_value& value, T& out) {
  if constexpr (is_marked<T>) {
    read_value(value, out.value);
  } else if constexpr (std::same_as<T, bool>) {
    out = value.as.u64 != 0;
  } else if constexpr (std::floating_point<T>) {
    out = static_cast<T>(value.as.f64);
  } else if constexpr (std::signed_integral<T>) {
    out = static_cast<T>(value.as.i64);
  } else if constexpr (std::unsigned_integral<T>) {
    out = static_cast<T>(value.as.u64);
  } else if constexpr (std::same_as<T, std::string>) {
    out.assign(value.as.text, value.count);
  } else if constexpr (std::same_as<T, Timestamp>) {
    out.microseconds = value.as.i64;
  } else if constexpr (ListedEnum<T>) {
    out = enum_spec<T>.values[value.as.u64];
  } else if constexpr (Model<T>) {
    read_row(value.as.values, out);
  } else if constexpr (is_optional<T>) {
    if (value.kind == EDDY_VALUE_ABSENT) {
      out.reset();
    } else {
      if (!out) out.emplace();
      read_value(value, *out);
    }
  } else if constexpr (is_vector<T>) {
    out.resize(value.count);
    for (std::uint32_t i = 0; i < value.count; ++i) {
      if constexpr (std::same_as<typename T::value_type, bool>) {
        out[i] = value.as.values[i].as.u64 != 0;
      } else {
        read_value(value.as.values[i], out[i]);
      }
    }
  } else if constexpr (is_string_map<T>) {
    out.clear();
    for (std::uint32_t i = 0; i < value.count; ++i) {
      const eddy_value* entry = value.as.values + 2 * std::size_t{i};
      read_value(entry[1], out[std::string(entry[0].as.text, entry[0].count)]);
    }
  } else {
    out = T::parse(value.as.text, value.as.text + value.count);  // eddy::Json
  }
}

template <Model T>
void read_row(const eddy_value* row, T& out) {
  model_spec<T>.apply(out, [row](auto&... members) {
    std::size_t i = 0;
    (read_value(row[i++], members), ...);
  });
}

template <Model T>
void write_row(const T& from, eddy_value* row, eddy_call* call);

inline eddy_value text_value(std::uint32_t kind, std::string_view text) {
  eddy_value value{kind, static_cast<std::uint32_t>(text.size()), {}};
  value.as.text = text.data();
  return value;
}

inline eddy_value values_value(std::uint32_t kind, std::size_t count, const eddy_value* values) {
  eddy_value value{kind, static_cast<std::uint32_t>(count), {}};
  value.as.values = values;
  return value;
}

// The index of an enumerator; one past the last for a value that is not listed, which the host refuses by name.
template <ListedEnum T>
std::uint64_t symbol_index(T value) {
  std::uint64_t index = 0;
  for (const T listed : enum_spec<T>.values) {
    if (listed == value) break;
    ++index;
  }
  return index;
}

// Strings are borrowed from `from`, which must outlive the row; nested values lie in the call's scratch memory.
template <class T>
void write_value(const T& from, eddy_value& value, eddy_call* call) {
  value.count = 0;
  if constexpr (is_marked<T>) {
    write_value(from.value, value, call);
  } else if constexpr (std::same_as<T, bool>) {
    value.kind = EDDY_VALUE_BOOL;
    value.as.u64 = from ? 1 : 0;
  } else if constexpr (std::floating_point<T>) {
    value.kind = EDDY_VALUE_F64;
    value.as.f64 = from;
  } else if constexpr (std::signed_integral<T>) {
    value.kind = EDDY_VALUE_I64;
    value.as.i64 = from;
  } else if constexpr (std::unsigned_integral<T>) {
    value.kind = EDDY_VALUE_U64;
    value.as.u64 = from;
  } else if constexpr (std::same_as<T, std::string>) {
    value = text_value(EDDY_VALUE_STRING, from);
  } else if constexpr (std::same_as<T, Timestamp>) {
    value.kind = EDDY_VALUE_TIMESTAMP;
    value.as.i64 = from.microseconds;
  } else if constexpr (ListedEnum<T>) {
    value.kind = EDDY_VALUE_ENUM;
    value.as.u64 = symbol_index(from);
  } else if constexpr (Model<T>) {
    eddy_value* nested = scratch_array<eddy_value>(call, fields_of<T>.size());
    write_row(from, nested, call);
    value = values_value(EDDY_VALUE_ROW, fields_of<T>.size(), nested);
  } else if constexpr (is_optional<T>) {
    value.kind = EDDY_VALUE_ABSENT;
    value.as.u64 = 0;
    if (from) write_value(*from, value, call);
  } else if constexpr (is_vector<T>) {
    eddy_value* items = scratch_array<eddy_value>(call, from.size());
    std::size_t i = 0;
    for (const typename T::value_type& item : from) write_value(item, items[i++], call);
    value = values_value(EDDY_VALUE_LIST, i, items);
  } else if constexpr (is_string_map<T>) {
    eddy_value* entries = scratch_array<eddy_value>(call, 2 * from.size());
    std::size_t i = 0;
    for (const auto& [key, item] : from) {
      entries[i++] = text_value(EDDY_VALUE_STRING, key);
      write_value(item, entries[i++], call);
    }
    value = values_value(EDDY_VALUE_MAP, from.size(), entries);
  } else {
    value = text_value(EDDY_VALUE_JSON, to_view(scratch_copy(call, from.dump())));  // eddy::Json
  }
}

template <Model T>
void write_row(const T& from, eddy_value* row, eddy_call* call) {
  model_spec<T>.apply(from, [row, call](const auto&... members) {
    std::size_t i = 0;
    (write_value(members, row[i++], call), ...);
  });
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
