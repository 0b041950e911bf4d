// SPDX-License-Identifier: Apache-2.0
// What a function under test is given, and what came of it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "eddy/abi.h"
#include "eddy/testing/decode.hpp"
#include "eddy/timestamp.hpp"
#include "eddy/validate.hpp"

namespace eddy::testing {

using Text = std::optional<std::string>;  // nullopt: null

struct HeaderText {
  std::string name;
  Text value;
  bool operator==(const HeaderText&) const = default;
};

struct Input {
  Text value = std::nullopt;  // null: a tombstone
  Text key = std::nullopt;
  std::vector<HeaderText> headers = {};
  std::string stream = "test";
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  Timestamp timestamp = {};
  bool cancelled = false;  // what Context::cancelled() says
};

// For functions over a dead letter queue.
struct Letter {
  std::string error_type = {};
  std::string error_message = {};
  Text original = std::nullopt;
  Text key = std::nullopt;
  std::vector<HeaderText> headers = {};
  std::string source = "transform";
  std::string function = "test";
  std::string origin_stream = "test";
  std::uint32_t attempts = 1;
  std::uint32_t hops = 0;
  std::uint32_t origin_partition = 0;
  std::int64_t origin_offset = 0;
  std::string id = "id";
  std::string fingerprint = "fingerprint";
  Timestamp failed_at = {};
};

// One record that a function gave, as it set it: what it left alone is the host's to choose.
struct Output {
  Text stream;  // null: the function's destination
  Text value;
  bool key_given = false;
  Text key;
  std::optional<std::vector<HeaderText>> headers;  // not set: the input's
  std::optional<Timestamp> timestamp;              // not set: the input's
  std::optional<std::uint32_t> partition;          // not set: by key

  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(value.value()); }

  // Throws ValidationError when the value does not fit T.
  template <eddy::detail::Model T>
  T as() const {
    inner::RowDecoder decoder;
    const eddy_value* row = decoder.decode(eddy::detail::model_of<T>, value.value());
    if (row == nullptr) throw ValidationError(decoder.error_type(), decoder.message());
    T result{};
    eddy::detail::read_row(row, result);
    eddy::detail::check(result);
    return result;
  }
};

struct Outcome {
  std::uint32_t status = EDDY_FAILED;
  std::vector<Output> outputs = {};  // empty unless delivered
  // Of the dead letter; empty unless dead_lettered().
  std::string error_type = {};
  std::string error_message = {};
  FailKind fail_kind = FailKind::plain;
  Input input = {};

  bool delivered() const { return status == EDDY_OK; }
  bool filtered() const { return status == EDDY_FILTERED; }
  bool dead_lettered() const { return !delivered() && !filtered(); }

  const Output& output(std::size_t i = 0) const { return outputs.at(i); }
  nlohmann::ordered_json json(std::size_t i = 0) const { return output(i).json(); }
  template <eddy::detail::Model T>
  T as(std::size_t i = 0) const {
    return output(i).as<T>();
  }

  // The dead letter that the input became, for a recovery. Throws std::logic_error when it became none.
  Letter letter() const {
    if (!dead_lettered()) throw std::logic_error("eddy::testing: the record is no dead letter");
    return {.error_type = error_type,
            .error_message = error_message,
            .original = input.value,
            .key = input.key,
            .headers = input.headers,
            .origin_stream = input.stream,
            .origin_partition = input.partition,
            .origin_offset = input.offset};
  }

  // What a failed assertion prints.
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    if (outcome.dead_lettered()) return out << "dead letter " << outcome.error_type << ": " << outcome.error_message;
    if (outcome.filtered()) return out << "filtered";
    out << "delivered";
    for (const Output& output : outcome.outputs) out << "\n  " << output.value.value_or("null");
    return out;
  }
};

}  // namespace eddy::testing
