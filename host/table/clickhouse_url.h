// SPDX-License-Identifier: Apache-2.0
// clickhouse://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eddy::host::table {

struct ClickHouseUrl {
  std::string host;
  std::string port = "8123";  // 8443 with `secure`
  std::string user = "default";
  std::string password;
  std::string database = "default";
  bool secure = false;  // ?secure=1: over TLS
  std::string ca_file;  // ?ca_file=PATH: what the server's certificate is held against; empty: what the machine trusts
  std::vector<std::pair<std::string, std::string>> settings;  // every other option: one of ClickHouse's, for each query
};

// kConfig; no piece of the url is in the text, as it may hold a password.
Result<ClickHouseUrl> parse_clickhouse_url(const std::string& url);

// "clickhouse eddy@db:8123/shop"
std::string describe(const ClickHouseUrl& url);

}  // namespace eddy::host::table
