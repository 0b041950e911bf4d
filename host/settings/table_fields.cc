// SPDX-License-Identifier: Apache-2.0
// The keys of tables: those for all of them, and those of a table's section.
#include "settings/binding.h"
#include "settings/field_makers.h"
#include "settings/field_tables.h"

namespace eddy::host {
namespace {

using T = TableSettings;

Field url(std::string_view path) {
  return {.path = path,
          .fallback = T().url,
          .doc =
              "Database of the tables: `sqlite:PATH`, `postgresql://USER:PASSWORD@HOST:5432/DATABASE` or "
              "`clickhouse://USER:PASSWORD@HOST:8123/DATABASE`.",
          .secret = true};
}

Field batch_rows(std::string_view path) {
  return integer(path, 10'000, 1, 1'000'000, "rows", "A batch is written with this many rows at the latest.");
}

Field batch_bytes(std::string_view path) {
  return integer(path, 8'388'608, 1024, 1024 * kMiB, "bytes",
                 "A batch is written with so many bytes of records at the latest.");
}

Field batch_ms(std::string_view path) {
  return integer(path, 100, 1, 600'000, "ms", "A batch is written after this time at the latest.");
}

}  // namespace

void add_tables(std::vector<Field>& all) {
  all.push_back(stored<&Settings::tables, &T::url>(url("tables.url")));
  all.push_back(stored<&Settings::tables, &T::batch_rows>(batch_rows("tables.batch_rows")));
  all.push_back(stored<&Settings::tables, &T::batch_bytes>(batch_bytes("tables.batch_bytes")));
  all.push_back(stored<&Settings::tables, &T::batch_ms>(batch_ms("tables.batch_ms")));
}

std::vector<Field> table_fields() {
  return {stored<&T::url>(url("url")),
          stored<&T::replace_on_conflict>(
              choice("on_conflict", "refuse", {"refuse", "replace"},
                     "What a second row with the value of a unique column does: `refuse`: it is a dead letter; "
                     "`replace`: it takes the place of the first. ClickHouse can only replace.")),
          stored<&T::batch_rows>(batch_rows("batch_rows")), stored<&T::batch_bytes>(batch_bytes("batch_bytes")),
          stored<&T::batch_ms>(batch_ms("batch_ms"))};
}

}  // namespace eddy::host
