// SPDX-License-Identifier: Apache-2.0
// eddy plugin test --record: one record, byte for byte, in a worker process.
#pragma once

#include <string>

#include "cli/command.h"

namespace eddy::host {

struct RecordTest {
  CommonOptions common;
  std::string file, function, record;
  std::string expect;  // a file that says how it is to fail; empty: it is to pass
};

// kExitDone: it passed, or failed as expected.
Result<int> test_record(const RecordTest& test);

}  // namespace eddy::host
