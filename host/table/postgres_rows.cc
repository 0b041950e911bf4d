// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_rows.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "model/encoder.h"
#include "model/json_scalar.h"

namespace eddy::host::table {
namespace {

constexpr std::int64_t kYearOneUs = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z

}  // namespace

void PostgresRows::encode(std::span<const TableRow> rows, std::vector<Refusal>& refused) {
  text_.clear();
  rows_.clear();
  starts_.assign(1, 0);
  for (const TableRow& row : rows) {
    if (const auto fault = put_row(row)) {
      text_.resize(starts_.back());
      refused.push_back(make_refusal(row, *fault, Dialect::kPostgres));
      continue;
    }
    rows_.push_back(&row);
    starts_.push_back(text_.size());
  }
}

std::optional<RowFault> PostgresRows::put_row(const TableRow& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != 0) text_ += '\t';
    if (auto fault = put_cell(columns_[i], row.values[i])) return fault;
  }
  if (numbered_) {
    text_ += '\t';
    put_integer(rows_.size());
  }
  text_ += '\n';
  return std::nullopt;
}

std::optional<RowFault> PostgresRows::put_cell(const Column& column, const eddy_value& value) {
  if (auto fault = check_cell(column, value, Dialect::kPostgres)) return fault;
  if (value.kind == EDDY_VALUE_ABSENT && column.nullable) {
    text_ += "\\N";
    return std::nullopt;
  }
  switch (column.kind) {
    case ColumnKind::kBool:
      text_ += value.as.u64 != 0 ? 't' : 'f';
      break;
    case ColumnKind::kSigned:
      put_integer(value.as.i64);
      break;
    case ColumnKind::kUnsigned:
      put_integer(value.as.u64);
      break;
    case ColumnKind::kF32:
    case ColumnKind::kF64:
      put_float(column, value.as.f64);
      break;
    case ColumnKind::kText:
      put_text({value.as.text, value.count});
      break;
    case ColumnKind::kEnum:
      put_text(column.value->symbols[value.as.u64]);
      break;
    case ColumnKind::kTime:
      put_time(value.as.i64);
      break;
    case ColumnKind::kJson:
      return put_json(column, value);
  }
  return std::nullopt;
}

std::optional<RowFault> PostgresRows::put_json(const Column& column, const eddy_value& value) {
  json_.clear();
  if (auto encoded = host::encode(*column.value, value, json_); !encoded) {
    return RowFault{CellFault::kShape, fmt::format("column {}: {}", column.name, encoded.error().text)};
  }
  put_text(json_);
  return std::nullopt;
}

// PostgreSQL has no year 0000: it is 1 BC there.
void PostgresRows::put_time(std::int64_t us) {
  const std::size_t at = text_.size();
  append_rfc3339(text_, us);
  if (us >= kYearOneUs) return;
  text_.replace(at, 4, "0001");
  text_ += " BC";
}

void PostgresRows::put_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of("\\\t\n\r"), text.size());
    text_.append(text.substr(0, plain));
    if (plain == text.size()) return;
    const char c = text[plain];
    text_ += '\\';
    text_ += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    text.remove_prefix(plain + 1);
  }
}

void PostgresRows::put_float(const Column& column, double value) {
  char buffer[kMaxNumberSize + 2];
  char* end =
      column.kind == ColumnKind::kF32 ? write_float(buffer, static_cast<float>(value)) : write_double(buffer, value);
  text_.append(buffer, end);
}

template <typename Integer>
void PostgresRows::put_integer(Integer value) {
  char buffer[24];
  text_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

}  // namespace eddy::host::table
