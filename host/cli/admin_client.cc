// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>

#include "settings/address.h"

namespace eddy::host {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::seconds kPatience{15};

// One step after another, each started by the one before; the stream's time ends them all.
class Exchange {
 public:
  Exchange(const std::string& address, const std::string& method, const std::string& target)
      : request_(http::string_to_verb(method), target, 11) {
    request_.set(http::field::host, address);
    request_.set(http::field::connection, "close");
    request_.set("X-Eddy-Request", "eddy");
  }

  beast::error_code run(const asio::ip::tcp::endpoint& endpoint) {
    stream_.expires_after(kPatience);
    stream_.async_connect(endpoint, [this](beast::error_code error) { error ? end(error) : write(); });
    io_.run();
    return error_;
  }

  AdminAnswer take() { return {response_.result_int(), std::move(response_.body())}; }

 private:
  void write() {
    http::async_write(stream_, request_, [this](beast::error_code error, std::size_t) { error ? end(error) : read(); });
  }
  void read() {
    http::async_read(stream_, buffer_, response_, [this](beast::error_code error, std::size_t) { end(error); });
  }
  void end(beast::error_code error) { error_ = error; }

  asio::io_context io_{1};
  beast::tcp_stream stream_{io_};
  http::request<http::empty_body> request_;
  http::response<http::string_body> response_;
  beast::flat_buffer buffer_;
  beast::error_code error_;
};

}  // namespace

Result<AdminAnswer> ask_host(const std::string& address, const std::string& method, const std::string& target) {
  const auto parsed = parse_listen(address);
  if (!parsed) return in_context("the host's address", parsed.error());
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  beast::error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) return Error{Code::kUsage, "the host's address: expected 127.0.0.1, [::1] or localhost, found " + host};
  Exchange exchange(address, method, target);
  if (const auto failed = exchange.run({ip, parsed->port}); failed) {
    return Error{Code::kUnavailable, "no host answers at http://" + address + ": " + failed.message() +
                                         "; start it with `eddy run`, or give its address with --admin"};
  }
  return exchange.take();
}

}  // namespace eddy::host
