// SPDX-License-Identifier: Apache-2.0
// What a function returned, handed to the host.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "eddy/barrier.hpp"
#include "eddy/context.hpp"
#include "eddy/json.hpp"
#include "eddy/record.hpp"
#include "eddy/result.hpp"
#include "eddy/row.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

// One record: a model, JSON, raw bytes, or a record passed on.
template <class T>
concept OutputValue = Model<T> || std::same_as<T, Json> || std::same_as<T, std::string> || std::same_as<T, Record>;

// The record type within a return type: Result<std::vector<Film>> gives Film.
template <class R>
struct Produced {
  using type = R;
};
template <class R>
struct Produced<Result<R>> : Produced<R> {};
template <class R>
struct Produced<std::optional<R>> : Produced<R> {};
template <class R, class A>
struct Produced<std::vector<R, A>> : Produced<R> {};

// Where outputs go: null is the function's destination.
struct Emitter {
  eddy_call* call;
  const Context* context;  // NULL: the function took none
  eddy_str stream{nullptr, 0};

  std::uint32_t send(eddy_output& output) const {
    output.struct_size = sizeof output;
    output.stream = stream;
    if (context != nullptr) context->apply(output);
    return plugin_host->emit(call, &output);
  }
};

template <OutputValue T>
std::uint32_t emit(const Emitter& to, const T& value) {
  eddy_output output{};
  if constexpr (Model<T>) {
    eddy_value row[fields_of<T>.size()];
    write_row(value, row, to.call);
    output.model = &model_of<T>;
    output.row = row;
    return to.send(output);
  } else if constexpr (std::same_as<T, std::string>) {
    output.value = to_abi(value);
    return to.send(output);
  } else if constexpr (std::same_as<T, Record>) {
    output.flags = EDDY_OUTPUT_KEY | EDDY_OUTPUT_HEADERS;
    output.key = value.abi().key;
    output.value = value.abi().value;
    output.headers = value.abi().headers;
    output.header_count = value.abi().header_count;
    return to.send(output);
  } else {
    const std::string text = value.dump();
    output.value = to_abi(text);
    return to.send(output);
  }
}

// The status of the call: nothing in it is filtered, a Failed is failed.
template <class R>
std::uint32_t deliver(const Emitter& to, const R& result) {
  if constexpr (is_result<R>) {
    if (!result) {
      const Failed& failed = result.failed();
      return report_failure(to.call, failed.kind, failed.type, failed.message);
    }
    if constexpr (std::same_as<R, Result<void>>) {
      return EDDY_OK;
    } else {
      return deliver(to, *result);
    }
  } else if constexpr (is_optional<R>) {
    return result ? deliver(to, *result) : std::uint32_t{EDDY_FILTERED};
  } else if constexpr (is_vector<R>) {
    std::uint32_t status = EDDY_FILTERED;
    for (const auto& item : result) {
      const std::uint32_t one = deliver(to, item);
      if (one == EDDY_FAILED) return one;
      if (one == EDDY_OK) status = EDDY_OK;
    }
    return status;
  } else if constexpr (requires { result.deliver_to(to); }) {
    return result.deliver_to(to);
  } else {
    return emit(to, result);
  }
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
