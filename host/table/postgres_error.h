// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's SQLSTATEs mean for a table.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host::table {

// Why a statement failed.
struct PostgresFailure {
  std::string state;     // SQLSTATE; empty when the connection is gone
  std::string message;   // the server's words, its detail behind them
  std::size_t line = 0;  // of the data being copied, from 1; 0: not known
};

// True when it is about the row, and another row may fare better.
bool refuses_row(std::string_view state);

// The failure as an error; `where` is the sink's description, `doing` what was tried.
Error to_error(const PostgresFailure& failure, std::string_view where, std::string_view doing);

}  // namespace eddy::host::table
