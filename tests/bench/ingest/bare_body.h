// SPDX-License-Identifier: Apache-2.0
// The records of a body, every value of them parsed by simdjson On-Demand.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"

namespace eddy::bench {

// Not thread-safe.
class BareBody {
 public:
  // `body` has simdjson's padding reserved behind it. The records borrow from it; their key is the first field. False:
  // not JSON.
  bool parse(const std::string& body, bool lines, std::vector<host::OutRecord>& records);

 private:
  bool parse_lines(const std::string& body, std::vector<host::OutRecord>& records);
  bool parse_array(simdjson::ondemand::document& document, std::vector<host::OutRecord>& records);
  bool parse_one(std::string_view text, std::size_t capacity, std::vector<host::OutRecord>& records);
  bool walk(simdjson::ondemand::object object, std::string_view& key);

  simdjson::ondemand::parser parser_;
};

}  // namespace eddy::bench
