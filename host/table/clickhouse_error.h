// SPDX-License-Identifier: Apache-2.0
// What ClickHouse says when something fails, and what it means for rows.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host::table {

struct ClickHouseFailure {
  int code = 0;  // the server's; 0: no word of the server's, as when the connection broke
  std::string message;
};

// The failure is about a row: the same row fails again.
bool refuses_row(int code);

// "… violated at row 17. …": the place of the row in what was sent, from 1 on; 0: not told.
std::size_t refused_row(std::string_view message);

// What a failure that is about no row means to the caller.
Error to_error(const ClickHouseFailure& failure, std::string_view where, std::string_view doing);

// A condition of ours inside a statement did not hold: what stands behind "eddy: " in the failure. Empty: none of ours.
std::string_view broken_condition(const ClickHouseFailure& failure);

// The server's words without the frame it puts around them.
std::string plain_message(std::string_view body);

}  // namespace eddy::host::table
