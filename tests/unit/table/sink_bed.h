// SPDX-License-Identifier: Apache-2.0
// One empty database for each test, of each kind that keeps positions with its rows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "table/table_sink.h"

namespace eddy::host::test {

// What a query gives back: "a|b", NULL as "NULL"; one text a row.
using Lines = std::vector<std::string>;

class SinkBed {
 public:
  virtual ~SinkBed() = default;
  virtual std::string url() const = 0;
  // Straight to the database, past the sinks. A failure fails the test.
  virtual Lines query(const std::string& sql) = 0;
  virtual bool postgres() const { return false; }
  virtual bool clickhouse() const { return false; }
};

std::unique_ptr<SinkBed> make_sqlite_bed();
std::unique_ptr<SinkBed> make_postgres_bed();  // starts one server for the whole program
void restart_postgres();
std::unique_ptr<SinkBed> make_clickhouse_bed();         // the same
std::unique_ptr<SinkBed> make_secure_clickhouse_bed();  // the same, over TLS
void restart_clickhouse();

}  // namespace eddy::host::test
