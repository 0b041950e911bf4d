// SPDX-License-Identifier: Apache-2.0
// ClickHouse behind its HTTP interface.
#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/client.h"
#include "table/clickhouse_error.h"
#include "table/clickhouse_url.h"

namespace eddy::host::table {

struct ClickHouseOptions {
  ClickHouseUrl url;
  std::string where;  // in front of every error
  // How long the server may be silent. It is told to give up a statement earlier (max_execution_time 30 s), unless the
  // url says otherwise.
  std::chrono::milliseconds patience = std::chrono::seconds(40);
};

using ClickHouseLines = std::vector<std::vector<std::string>>;  // values of rows as text

// Not thread-safe.
class ClickHouseConnection {
 public:
  explicit ClickHouseConnection(const ClickHouseOptions& options);

  // None: it is done. `data` goes with a statement that ends in FORMAT and its name; the server's list of running
  // statements shows it under `mark`.
  std::optional<ClickHouseFailure> run(std::string_view sql, std::string_view data = {}, std::string_view mark = {});
  Result<void> must(std::string_view sql, std::string_view doing, std::string_view data = {},
                    std::string_view mark = {});
  // A statement without FORMAT.
  Result<ClickHouseLines> select(std::string_view sql, std::string_view doing);

  Error error(const ClickHouseFailure& failure, std::string_view doing) const;
  const std::string& where() const { return where_; }

 private:
  std::optional<ClickHouseFailure> ask(std::string_view body, std::string_view mark, std::string& answer);

  const std::string where_;
  std::string target_;  // database and settings
  const HttpHeaders headers_;
  HttpClient client_;
  Code why_ = Code::kUnavailable;  // of the last failure that the server knows nothing of
};

// 'it\'s'
std::string quote_text(std::string_view text);

template <typename Integer>
Integer to_integer(std::string_view text) {
  Integer value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace eddy::host::table
