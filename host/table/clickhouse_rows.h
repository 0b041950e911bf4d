// SPDX-License-Identifier: Apache-2.0
// A batch as ClickHouse takes it in: RowBinary, which cannot be read as anything else, because the statement around it
// says the types.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/cell.h"
#include "table/column.h"

namespace eddy::host::table {

// Not thread-safe.
class ClickHouseRows {
 public:
  explicit ClickHouseRows(const std::vector<Column>& columns) : columns_(columns) {}

  // `rows` stay where they are until the next call. Rows that no column can hold are appended to `refused`.
  void encode(std::span<const TableRow> rows, std::vector<Refusal>& refused);

  std::size_t size() const { return rows_.size(); }
  const TableRow& row(std::size_t i) const { return *rows_[i]; }
  std::string_view bytes(std::size_t begin, std::size_t end) const {
    return std::string_view(data_).substr(starts_[begin], starts_[end] - starts_[begin]);
  }
  // Takes rows out: those at these places, in ascending order.
  void remove(std::span<const std::size_t> places);

  // "c0 Int64, c1 Nullable(String)": the types of what is in bytes(), and the names alone.
  std::string structure() const;
  std::string names() const;

 private:
  std::optional<RowFault> put_row(const TableRow& row);
  std::optional<RowFault> put_cell(const Column& column, const eddy_value& value);
  std::optional<RowFault> put_json(const Column& column, const eddy_value& value);
  void put_integer(const Column& column, std::uint64_t value);

  const std::vector<Column>& columns_;
  std::string data_;
  std::vector<std::size_t> starts_;  // of each row in data_, and its end
  std::vector<const TableRow*> rows_;
  std::string json_;
};

// "Nullable(Int64)": the column's type with its optional.
std::string full_type(const Column& column);

}  // namespace eddy::host::table
