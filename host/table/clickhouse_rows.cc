// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_rows.h"

#include <fmt/format.h>

#include "model/encoder.h"
#include "table/clickhouse_binary.h"

namespace eddy::host::table {
namespace {

std::size_t bytes_of(const ModelType& type) {
  switch (type.kind) {
    case EDDY_TYPE_I8:
    case EDDY_TYPE_U8:
      return 1;
    case EDDY_TYPE_I16:
    case EDDY_TYPE_U16:
      return 2;
    case EDDY_TYPE_I32:
    case EDDY_TYPE_U32:
      return 4;
    default:
      return 8;
  }
}

}  // namespace

std::string full_type(const Column& column) {
  return column.nullable ? fmt::format("Nullable({})", column.type) : column.type;
}

std::string ClickHouseRows::structure() const {
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    text += fmt::format("{}c{} {}", i == 0 ? "" : ", ", i, full_type(columns_[i]));
  }
  return text;
}

std::string ClickHouseRows::names() const {
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) text += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
  return text;
}

void ClickHouseRows::encode(std::span<const TableRow> rows, std::vector<Refusal>& refused) {
  data_.clear();
  rows_.clear();
  starts_.assign(1, 0);
  for (const TableRow& row : rows) {
    if (const auto fault = put_row(row)) {
      data_.resize(starts_.back());
      refused.push_back(make_refusal(row, *fault, Dialect::kClickHouse));
      continue;
    }
    rows_.push_back(&row);
    starts_.push_back(data_.size());
  }
}

void ClickHouseRows::remove(std::span<const std::size_t> places) {
  std::string data;
  std::vector<std::size_t> starts{0};
  std::vector<const TableRow*> rows;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!places.empty() && places.front() == i) {
      places = places.subspan(1);
      continue;
    }
    data += bytes(i, i + 1);
    starts.push_back(data.size());
    rows.push_back(rows_[i]);
  }
  data_ = std::move(data);
  starts_ = std::move(starts);
  rows_ = std::move(rows);
}

std::optional<RowFault> ClickHouseRows::put_row(const TableRow& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (auto fault = put_cell(columns_[i], row.values[i])) return fault;
  }
  return std::nullopt;
}

std::optional<RowFault> ClickHouseRows::put_cell(const Column& column, const eddy_value& value) {
  if (auto fault = check_cell(column, value, Dialect::kClickHouse)) return fault;
  if (column.nullable) {
    const bool absent = value.kind == EDDY_VALUE_ABSENT;
    data_ += absent ? '\1' : '\0';
    if (absent) return std::nullopt;
  }
  switch (column.kind) {
    case ColumnKind::kBool:
      data_ += value.as.u64 != 0 ? '\1' : '\0';
      break;
    case ColumnKind::kSigned:
      put_integer(column, static_cast<std::uint64_t>(value.as.i64));
      break;
    case ColumnKind::kUnsigned:
      put_integer(column, value.as.u64);
      break;
    case ColumnKind::kF32:
      append_binary(data_, static_cast<float>(value.as.f64));
      break;
    case ColumnKind::kF64:
      append_binary(data_, value.as.f64);
      break;
    case ColumnKind::kText:
      append_binary_text(data_, {value.as.text, value.count});
      break;
    case ColumnKind::kEnum:
      append_binary_text(data_, column.value->symbols[value.as.u64]);
      break;
    case ColumnKind::kTime:
      append_binary(data_, value.as.i64);
      break;
    case ColumnKind::kJson:
      return put_json(column, value);
  }
  return std::nullopt;
}

std::optional<RowFault> ClickHouseRows::put_json(const Column& column, const eddy_value& value) {
  json_.clear();
  if (auto encoded = host::encode(*column.value, value, json_); !encoded) {
    return RowFault{CellFault::kShape, fmt::format("column {}: {}", column.name, encoded.error().text)};
  }
  append_binary_text(data_, json_);
  return std::nullopt;
}

// The low bytes: check_cell() has seen that the others only repeat the sign.
void ClickHouseRows::put_integer(const Column& column, std::uint64_t value) {
  data_.append(reinterpret_cast<const char*>(&value), bytes_of(*column.value));
}

}  // namespace eddy::host::table
