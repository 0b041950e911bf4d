// SPDX-License-Identifier: Apache-2.0
// Rows into a database by its own client library and nothing else: no positions, no refusals, no checks.
#pragma once

#include <cstddef>
#include <string>

#include "orders.h"

namespace eddy::bench {

// Each batch is a transaction. The table `orders` is there.
// A prepared INSERT for each row; journal and sync as the sink has them.
void write_bare_sqlite(const std::string& path, const Orders& orders, std::size_t batch);
// One COPY as text for each batch.
void write_bare_postgres(const std::string& url, const Orders& orders, std::size_t batch);

// Statements straight to the server; ends the program when one fails.
void run_postgres(const std::string& url, const char* sql);

}  // namespace eddy::bench
