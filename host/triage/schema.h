// SPDX-License-Identifier: Apache-2.0
// The index's file: its tables, and how it is made anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqlite/database.h"

namespace eddy::host::triage {

std::string index_path(const std::string& data_dir);

// A connection to an index of this version and source. What is not there, is damaged or was another's is made anew,
// empty: one process at a time, the others' connections go on with the new content. `damaged`: what was `born` there
// has been found damaged, though it may look well; empty: nothing has.
Result<std::unique_ptr<sqlite::Database>> open_index(const std::string& data_dir, const std::string& source,
                                                     const std::string& damaged);
// For reading only; the index must be open already.
Result<std::unique_ptr<sqlite::Database>> open_reader(const std::string& data_dir);

// False: its content is not that of an index of this version and source. An error: it cannot be told now.
Result<bool> is_usable(sqlite::Database& database, const std::string& source);

// `format`, `source`, `born` (new whenever it is made anew), `slot`; empty: there is none.
Result<std::string> read_meta(sqlite::Database& database, std::string_view name);

// The file's identity; it changes when somebody has deleted the file. 0: there is none.
std::uint64_t file_identity(const std::string& path);

// Closes a connection to a file that has been deleted: what now has its name must not lose its log.
void abandon(std::unique_ptr<sqlite::Database> database);

}  // namespace eddy::host::triage
