// SPDX-License-Identifier: Apache-2.0
// The database file: where it is, how it is opened, which format it has. FORMAT.md describes the tables.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "stream/embedded/sqlite.h"

namespace eddy::host::embedded {

inline constexpr int kFormatVersion = 2;

std::string database_path(const std::string& data_dir);

Result<void> make_directory(const std::string& data_dir);

// Creates the tables when they are missing, and refuses what is not ours or newer. Safe against another process that
// does the same.
Result<void> prepare_database(const std::string& data_dir);

// A connection to a prepared database.
Result<std::unique_ptr<Database>> connect(const std::string& data_dir);

}  // namespace eddy::host::embedded
