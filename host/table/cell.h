// SPDX-License-Identifier: Apache-2.0
// Whether one value can stand in its column, told before a database is asked: what every database would take silently
// in another meaning (NaN, a NUL, a number out of the declared type) is a refused row, not a changed value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "table/column.h"

namespace eddy::host {

enum class CellFault : std::uint8_t { kNumber, kTime, kText, kShape };

struct RowFault {
  CellFault kind = CellFault::kShape;
  std::string message;  // "column us_gross: expected …, found …"
};

// None: the value fits. JSON columns are checked where they are encoded.
std::optional<RowFault> check_cell(const Column& column, const eddy_value& value, Dialect dialect);

// The database's own code for a fault of this kind: "22003", "SQLITE_MISMATCH", "53".
std::string_view fault_code(CellFault kind, Dialect dialect);

Refusal make_refusal(const TableRow& row, const RowFault& fault, Dialect dialect);

// A database's words, cut to what is kept of them.
std::string cut_message(std::string message);

}  // namespace eddy::host
