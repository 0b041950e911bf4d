// SPDX-License-Identifier: Apache-2.0
// A batch as the lines of COPY's text form. Text, and not the binary form, because text means the same after somebody
// altered a column, where binary would be read as another value.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/cell.h"

namespace eddy::host::table {

// Keeps its memory from batch to batch. Not thread-safe.
class PostgresRows {
 public:
  // `numbered`: each line ends in a column more, the row's number in the batch.
  PostgresRows(const std::vector<Column>& columns, bool numbered) : columns_(columns), numbered_(numbered) {}

  // Forgets the batch before. Rows that cannot be written are refused.
  void encode(std::span<const TableRow> rows, std::vector<Refusal>& refused);

  std::size_t size() const { return rows_.size(); }
  const TableRow& row(std::size_t index) const { return *rows_[index]; }
  // The lines of rows [begin, end).
  std::string_view lines(std::size_t begin, std::size_t end) const {
    return std::string_view(text_).substr(starts_[begin], starts_[end] - starts_[begin]);
  }

 private:
  std::optional<RowFault> put_row(const TableRow& row);
  std::optional<RowFault> put_cell(const Column& column, const eddy_value& value);
  std::optional<RowFault> put_json(const Column& column, const eddy_value& value);
  void put_time(std::int64_t us);
  void put_text(std::string_view text);
  void put_float(const Column& column, double value);
  template <typename Integer>
  void put_integer(Integer value);

  const std::vector<Column>& columns_;
  const bool numbered_;
  std::string text_;
  std::string json_;
  std::vector<const TableRow*> rows_;
  std::vector<std::size_t> starts_;  // one more than rows
};

}  // namespace eddy::host::table
