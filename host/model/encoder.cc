// SPDX-License-Identifier: Apache-2.0
#include "model/encoder.h"

#include <cmath>
#include <limits>

#include "model/json_sink.h"
#include "model/json_text.h"
#include "model/model_error.h"

namespace eddy::host {
namespace {

constexpr std::size_t kExpectedValueBytes = 128;
constexpr unsigned kMaxRawLevels = 64;  // what the decoder will read again

// Writes one row. A failed step leaves its reason in the fault, whose pointer grows on the way back up.
class Encoder {
 public:
  Encoder(std::string& out, std::size_t expected) : out_(out, expected) {}

  bool row(const Model& model, const eddy_value* values);
  bool value(const ModelType& type, const eddy_value& value);
  void finish() { out_.finish(); }
  Error fault();

 private:
  bool present(const ModelType& type, const eddy_value& value);
  bool list(const ModelType& type, const eddy_value& value);
  bool map(const ModelType& type, const eddy_value& value);
  bool nested(const ModelType& type, const eddy_value& value);
  bool symbol(const ModelType& type, const eddy_value& value);
  bool timestamp(const eddy_value& value);
  bool string(const eddy_value& value);
  bool json(const eddy_value& value);
  bool integer(const eddy_value& value, std::int64_t min, std::int64_t max);
  bool integer(const eddy_value& value, std::uint64_t max);
  template <typename Float>
  bool number(Float value);
  bool refuse(std::string reason);
  bool below(std::string_view segment);

  JsonSink out_;
  std::string pointer_;
  std::string reason_;
};

// The kind of value that a type asks for.
std::uint32_t value_kind(std::uint32_t type_kind) {
  static constexpr std::uint8_t kKinds[] = {EDDY_VALUE_ABSENT, EDDY_VALUE_BOOL,      EDDY_VALUE_I64,  EDDY_VALUE_I64,
                                            EDDY_VALUE_I64,    EDDY_VALUE_I64,       EDDY_VALUE_U64,  EDDY_VALUE_U64,
                                            EDDY_VALUE_U64,    EDDY_VALUE_U64,       EDDY_VALUE_F64,  EDDY_VALUE_F64,
                                            EDDY_VALUE_STRING, EDDY_VALUE_TIMESTAMP, EDDY_VALUE_ENUM, EDDY_VALUE_ROW,
                                            EDDY_VALUE_JSON,   EDDY_VALUE_ABSENT,    EDDY_VALUE_LIST, EDDY_VALUE_MAP};
  return kKinds[type_kind];
}

bool Encoder::refuse(std::string reason) {
  reason_ = std::move(reason);
  return false;
}

bool Encoder::below(std::string_view segment) {
  pointer_.insert(0, pointer_segment(segment));
  return false;
}

// Takes back what was written, and says why.
Error Encoder::fault() {
  out_.discard();
  return Error{Code::kRefused, pointer_.empty() ? reason_ : pointer_ + ": " + reason_};
}

bool Encoder::integer(const eddy_value& value, std::int64_t min, std::int64_t max) {
  if (value.as.i64 < min || value.as.i64 > max) {
    return refuse("expected " + std::to_string(min) + " to " + std::to_string(max) + ", found " +
                  std::to_string(value.as.i64));
  }
  out_.put_integer(value.as.i64);
  return true;
}

bool Encoder::integer(const eddy_value& value, std::uint64_t max) {
  if (value.as.u64 > max) {
    return refuse("expected 0 to " + std::to_string(max) + ", found " + std::to_string(value.as.u64));
  }
  out_.put_integer(value.as.u64);
  return true;
}

template <typename Float>
bool Encoder::number(Float value) {
  if (!std::isfinite(value)) return refuse("expected a finite number, found " + std::to_string(value));
  out_.put_number(value);
  return true;
}

bool Encoder::string(const eddy_value& value) {
  if (value.as.text == nullptr && value.count != 0) return refuse("expected a string, found a null pointer");
  if (out_.put_string({value.as.text, value.count})) return true;
  return refuse("expected a string in UTF-8, found other bytes");
}

bool Encoder::timestamp(const eddy_value& value) {
  if (value.as.i64 < kMinTimestampUs || value.as.i64 > kMaxTimestampUs) {
    return refuse("expected a time in the years 0000 to 9999, found " + std::to_string(value.as.i64) +
                  " microseconds since 1970");
  }
  out_.put_time(value.as.i64);
  return true;
}

bool Encoder::symbol(const ModelType& type, const eddy_value& value) {
  if (value.as.u64 >= type.symbols.size()) {
    return refuse("expected an enum index below " + std::to_string(type.symbols.size()) + ", found " +
                  std::to_string(value.as.u64));
  }
  out_.put_string(type.symbols[value.as.u64]);
  return true;
}

bool Encoder::json(const eddy_value& value) {
  thread_local JsonText text;
  if (value.as.text == nullptr) return refuse("expected JSON text, found a null pointer");
  // Checked where it will stand, because there it can be followed by the bytes that the check may read.
  std::string& out = out_.finish();
  const std::size_t begin = out.size();
  out.append(value.as.text, value.count);
  out.append(kJsonPadding, '\0');
  const bool valid = text.open(std::string_view(out).substr(begin, value.count)) && text.check(kMaxRawLevels);
  out.resize(begin + value.count);
  out_.go_on();
  text.trim();
  return valid || refuse("expected JSON text, found " + text.fault());
}

bool Encoder::nested(const ModelType& type, const eddy_value& value) {
  if (value.as.values == nullptr || value.count != type.model->fields().size()) {
    return refuse("expected a row of " + std::to_string(type.model->fields().size()) + " values, found " +
                  (value.as.values == nullptr ? "a null pointer" : std::to_string(value.count)));
  }
  return row(*type.model, value.as.values);
}

bool Encoder::list(const ModelType& type, const eddy_value& value) {
  if (value.as.values == nullptr && value.count != 0) return refuse("expected a list, found a null pointer");
  out_.put('[');
  for (std::uint32_t i = 0; i < value.count; ++i) {
    if (i != 0) out_.put(',');
    if (!this->value(*type.element, value.as.values[i])) return below(std::to_string(i));
  }
  out_.put(']');
  return true;
}

bool Encoder::map(const ModelType& type, const eddy_value& value) {
  if (value.as.values == nullptr && value.count != 0) return refuse("expected a map, found a null pointer");
  out_.put('{');
  for (std::uint32_t i = 0; i < value.count; ++i) {
    const eddy_value& key = value.as.values[2 * std::size_t{i}];
    if (i != 0) out_.put(',');
    if (key.kind != EDDY_VALUE_STRING) return refuse("expected map keys that are strings");
    if (!string(key)) return false;
    out_.put(':');
    if (!this->value(*type.element, (&key)[1])) return below({key.as.text, key.count});
  }
  out_.put('}');
  return true;
}

bool Encoder::value(const ModelType& type, const eddy_value& value) {
  if (type.kind == EDDY_TYPE_OPTIONAL) {
    if (value.kind != EDDY_VALUE_ABSENT) return this->value(*type.element, value);
    out_.put("null");
    return true;
  }
  if (value.kind != value_kind(type.kind)) {
    return refuse("expected " + expected_text(type) + " (value kind " + std::to_string(value_kind(type.kind)) +
                  "), found value kind " + std::to_string(value.kind));
  }
  return present(type, value);
}

bool Encoder::present(const ModelType& type, const eddy_value& value) {
  switch (type.kind) {
    case EDDY_TYPE_BOOL:
      out_.put(value.as.u64 != 0 ? "true" : "false");
      return value.as.u64 <= 1 || refuse("expected 0 or 1, found " + std::to_string(value.as.u64));
    case EDDY_TYPE_I8:
      return integer(value, INT8_MIN, INT8_MAX);
    case EDDY_TYPE_I16:
      return integer(value, INT16_MIN, INT16_MAX);
    case EDDY_TYPE_I32:
      return integer(value, INT32_MIN, INT32_MAX);
    case EDDY_TYPE_I64:
      return integer(value, INT64_MIN, INT64_MAX);
    case EDDY_TYPE_U8:
      return integer(value, UINT8_MAX);
    case EDDY_TYPE_U16:
      return integer(value, UINT16_MAX);
    case EDDY_TYPE_U32:
      return integer(value, UINT32_MAX);
    case EDDY_TYPE_U64:
      return integer(value, UINT64_MAX);
    case EDDY_TYPE_F32:
      return number(static_cast<float>(value.as.f64));
    case EDDY_TYPE_F64:
      return number(value.as.f64);
    case EDDY_TYPE_STRING:
      return string(value);
    case EDDY_TYPE_TIMESTAMP:
      return timestamp(value);
    case EDDY_TYPE_ENUM:
      return symbol(type, value);
    case EDDY_TYPE_JSON:
      return json(value);
    case EDDY_TYPE_LIST:
      return list(type, value);
    case EDDY_TYPE_MAP:
      return map(type, value);
    default:
      return nested(type, value);
  }
}

bool Encoder::row(const Model& model, const eddy_value* values) {
  for (const ModelField& field : model.fields()) {
    out_.put(field.json_prefix);
    if (!value(field.type, *values++)) return below(field.name);
  }
  out_.put('}');
  return true;
}

}  // namespace

Result<void> encode(const Model& model, const eddy_value* row, std::string& out) {
  if (row == nullptr) return Error{Code::kRefused, "model " + model.name() + ": expected a row, found a null pointer"};
  Encoder encoder(out, model.json_size());
  if (!encoder.row(model, row)) return in_context("model " + model.name(), encoder.fault());
  encoder.finish();
  return {};
}

Result<void> encode(const ModelType& type, const eddy_value& value, std::string& out) {
  Encoder encoder(out, kExpectedValueBytes);
  if (!encoder.value(type, value)) return encoder.fault();
  encoder.finish();
  return {};
}

}  // namespace eddy::host
