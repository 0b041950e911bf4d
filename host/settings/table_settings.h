// SPDX-License-Identifier: Apache-2.0
// What the configuration says about a table and the batches written to it.
#pragma once

#include <cstdint>
#include <string>

namespace eddy::host {

// A table's settings after all matching sections were laid over the top ones, in file order, later ones winning.
struct TableSettings {
  std::string url = "sqlite:./data/tables.db";  // may hold a password: never shown but masked
  bool replace_on_conflict = false;             // `on_conflict`
  std::uint32_t batch_rows = 10'000;            // a batch is written with this many rows …
  std::uint64_t batch_bytes = 8'388'608;        // … or bytes of records …
  std::uint32_t batch_ms = 100;                 // … or after this time
  bool operator==(const TableSettings&) const = default;
};

}  // namespace eddy::host
