// SPDX-License-Identifier: Apache-2.0
// One HTTP server, asked one thing after another over a connection that is kept; no answer is waited for for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eddy::host::table {

struct HttpServer {
  std::string host;
  std::string port;
  bool secure = false;  // TLS 1.2 or newer, the certificate held against `ca_file` and the host's name
  std::string ca_file;  // PEM; empty: what the machine trusts
  std::uint64_t most_answer_bytes = std::uint64_t{1} << 30;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string exception_code;  // X-ClickHouse-Exception-Code
  std::string body;
};

// Not thread-safe.
class HttpClient {
 public:
  // `patience` is how long the server may be silent.
  HttpClient(HttpServer server, std::chrono::milliseconds patience);
  ~HttpClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Errors: kUnavailable, there was no answer, and what was asked for may have been done or be done yet; kConfig, the
  // certificates. Nothing is ever asked twice.
  Result<HttpAnswer> post(const std::string& target, const Headers& headers, std::string body);

 private:
  class Link;
  template <typename Stream>
  class LinkOver;

  Result<std::unique_ptr<Link>> open() const;

  const HttpServer server_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<Link> link_;  // null: not connected
};

}  // namespace eddy::host::table
