// SPDX-License-Identifier: Apache-2.0
#include "table/cell.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/encoding.h"
#include "model/json_scalar.h"
#include "model/model_error.h"

namespace eddy::host {
namespace {

constexpr std::size_t kMostMessageBytes = 1024;

// What DateTime64(6) holds.
constexpr std::int64_t kMinClickHouseUs = -2'208'988'800'000'000;  // 1900-01-01T00:00:00Z
constexpr std::int64_t kMaxClickHouseUs = 10'413'791'999'999'999;  // 2299-12-31T23:59:59.999999Z

RowFault fault(CellFault kind, const Column& column, std::string_view expected, std::string_view found) {
  return {kind, fmt::format("column {}: expected {}, found {}", column.name, expected, found)};
}

std::uint32_t value_kind(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kBool:
      return EDDY_VALUE_BOOL;
    case ColumnKind::kSigned:
      return EDDY_VALUE_I64;
    case ColumnKind::kUnsigned:
      return EDDY_VALUE_U64;
    case ColumnKind::kF32:
    case ColumnKind::kF64:
      return EDDY_VALUE_F64;
    case ColumnKind::kText:
      return EDDY_VALUE_STRING;
    case ColumnKind::kEnum:
      return EDDY_VALUE_ENUM;
    default:
      return EDDY_VALUE_TIMESTAMP;
  }
}

// Bits of an integer type, the sign not counted.
int bits_of(const ModelType& type) {
  switch (type.kind) {
    case EDDY_TYPE_I8:
      return 7;
    case EDDY_TYPE_U8:
      return 8;
    case EDDY_TYPE_I16:
      return 15;
    case EDDY_TYPE_U16:
      return 16;
    case EDDY_TYPE_I32:
      return 31;
    case EDDY_TYPE_U32:
      return 32;
    case EDDY_TYPE_I64:
      return 63;
    default:
      return 64;
  }
}

bool fits_signed(std::int64_t value, int bits) {
  if (bits == 63) return true;
  const std::int64_t limit = std::int64_t{1} << bits;
  return value >= -limit && value < limit;
}

bool fits_unsigned(std::uint64_t value, int bits) { return bits == 64 || value >> bits == 0; }

std::optional<RowFault> check_unsigned(const Column& column, std::uint64_t value, Dialect dialect) {
  if (!fits_unsigned(value, bits_of(*column.value))) {
    return fault(CellFault::kNumber, column, expected_text(*column.value), std::to_string(value));
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (dialect == Dialect::kSqlite && value > kMax) {
    return fault(CellFault::kNumber, column, fmt::format("at most {}, the largest integer of SQLite", kMax),
                 std::to_string(value));
  }
  return std::nullopt;
}

std::optional<RowFault> check_number(const Column& column, double value) {
  const double seen = column.kind == ColumnKind::kF32 ? static_cast<double>(static_cast<float>(value)) : value;
  if (std::isfinite(seen)) return std::nullopt;
  return fault(CellFault::kNumber, column, "a finite number", fmt::format("{}", value));
}

std::optional<RowFault> check_text(const Column& column, const eddy_value& value, Dialect dialect) {
  if (value.as.text == nullptr && value.count != 0)
    return fault(CellFault::kShape, column, "a string", "a null pointer");
  const std::string_view text(value.as.text, value.count);
  // ASCII without escapes is the common case, and is told by the word.
  if (json_plain_run(text) == text.size()) return std::nullopt;
  if (!is_utf8(text)) return fault(CellFault::kText, column, "a string in UTF-8", "other bytes");
  if (dialect == Dialect::kPostgres && text.find('\0') != text.npos) {
    return fault(CellFault::kText, column, "a string without the NUL character, which PostgreSQL cannot keep",
                 fmt::format("one at byte {}", text.find('\0')));
  }
  return std::nullopt;
}

std::optional<RowFault> check_time(const Column& column, std::int64_t us, Dialect dialect) {
  const bool narrow = dialect == Dialect::kClickHouse;
  if (us >= (narrow ? kMinClickHouseUs : kMinTimestampUs) && us <= (narrow ? kMaxClickHouseUs : kMaxTimestampUs)) {
    return std::nullopt;
  }
  return fault(
      CellFault::kTime, column,
      narrow ? "a time in the years 1900 to 2299, which ClickHouse can keep" : "a time in the years 0000 to 9999",
      fmt::format("{} microseconds since 1970", us));
}

}  // namespace

std::optional<RowFault> check_cell(const Column& column, const eddy_value& value, Dialect dialect) {
  if (value.kind == EDDY_VALUE_ABSENT && column.nullable) return std::nullopt;
  if (column.kind == ColumnKind::kJson) return std::nullopt;
  if (value.kind != value_kind(column.kind)) {
    return fault(CellFault::kShape, column, expected_text(*column.value),
                 value.kind == EDDY_VALUE_ABSENT ? "nothing" : fmt::format("a value of kind {}", value.kind));
  }
  switch (column.kind) {
    case ColumnKind::kBool:
      if (value.as.u64 <= 1) return std::nullopt;
      return fault(CellFault::kNumber, column, "0 or 1", std::to_string(value.as.u64));
    case ColumnKind::kSigned:
      if (fits_signed(value.as.i64, bits_of(*column.value))) return std::nullopt;
      return fault(CellFault::kNumber, column, expected_text(*column.value), std::to_string(value.as.i64));
    case ColumnKind::kUnsigned:
      return check_unsigned(column, value.as.u64, dialect);
    case ColumnKind::kF32:
    case ColumnKind::kF64:
      return check_number(column, value.as.f64);
    case ColumnKind::kText:
      return check_text(column, value, dialect);
    case ColumnKind::kEnum:
      if (value.as.u64 < column.value->symbols.size()) return std::nullopt;
      return fault(CellFault::kShape, column, expected_text(*column.value), fmt::format("the index {}", value.as.u64));
    default:
      return check_time(column, value.as.i64, dialect);
  }
}

std::string_view fault_code(CellFault kind, Dialect dialect) {
  if (dialect == Dialect::kSqlite) return "SQLITE_MISMATCH";
  if (dialect == Dialect::kClickHouse) return kind == CellFault::kNumber || kind == CellFault::kTime ? "321" : "53";
  switch (kind) {
    case CellFault::kNumber:
      return "22003";
    case CellFault::kTime:
      return "22008";
    case CellFault::kText:
      return "22021";
    default:
      return "22P02";
  }
}

Refusal make_refusal(const TableRow& row, const RowFault& fault, Dialect dialect) {
  return {row.partition, row.offset, std::string(fault_code(fault.kind, dialect)), cut_message(fault.message)};
}

std::string cut_message(std::string message) {
  if (message.size() <= kMostMessageBytes) return message;
  std::size_t end = kMostMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  message.resize(end);
  return message + "…";
}

}  // namespace eddy::host
