// SPDX-License-Identifier: Apache-2.0
// A client that writes and reads plainly, so that tests can also misbehave.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <string>

#include "settings/address.h"

namespace eddy::host::test {

namespace http = boost::beast::http;

class Client {
 public:
  explicit Client(const std::string& address) {
    const auto parsed = parse_listen(address);
    socket_.connect({boost::asio::ip::make_address(parsed->host), parsed->port});
  }

  void send(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  http::response<http::string_body> receive(bool to_head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(to_head);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }

  // The first line of what comes, up to the empty one that ends it.
  std::string receive_line() {
    std::string text;
    boost::asio::read_until(socket_, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    return text.substr(0, text.find("\r\n"));
  }

  http::response<http::string_body> get(const std::string& target, const std::string& method = "GET") {
    send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return receive(method == "HEAD");
  }

  // Reads until the server hangs up; false when it resets the connection.
  bool closed() {
    char byte[256];
    boost::system::error_code error;
    while (!error) socket_.read_some(boost::asio::buffer(byte), error);
    return error == boost::asio::error::eof;
  }

 private:
  // Of all clients: each would cost descriptors of its own, and nothing is ever run by it.
  static boost::asio::io_context& io() {
    static boost::asio::io_context one;
    return one;
  }

  boost::asio::ip::tcp::socket socket_{io()};
  boost::beast::flat_buffer buffer_;
};

}  // namespace eddy::host::test
