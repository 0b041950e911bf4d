// SPDX-License-Identifier: Apache-2.0
// One HTTP server, asked one thing after another over a connection that is kept; no answer is waited for for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/client_tls.h"

namespace eddy::host {

struct HttpServer {
  std::string host;  // a name or an address, IPv6 without brackets
  std::string port;
  bool secure = false;
  ClientTls tls{};  // when secure
  std::uint64_t most_answer_bytes = std::uint64_t{1} << 30;

  std::string authority() const;  // "127.0.0.1:5001", "[::1]:5001"
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  unsigned status = 0;
  HttpHeaders headers;
  std::string body;

  std::string_view header(std::string_view name) const;  // in any case of letters; empty: it has none
};

// Not thread-safe.
class HttpClient {
 public:
  // `patience` is how long the server may be silent.
  HttpClient(HttpServer server, std::chrono::milliseconds patience);
  ~HttpClient();

  // Host and Content-Length are added, and the names and values of headers must not have line ends. Errors:
  // kUnavailable, there was no answer, and what was asked for may have been done or be done yet; kConfig, the
  // certificates. Nothing is ever asked twice.
  Result<HttpAnswer> ask(std::string_view method, std::string_view target, const HttpHeaders& headers,
                         std::string_view body);

 private:
  class Wire;
  template <typename Stream>
  class WireOver;

  Result<std::unique_ptr<Wire>> open() const;

  const HttpServer server_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<Wire> wire_;  // null: not connected
};

}  // namespace eddy::host
