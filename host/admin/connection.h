// SPDX-License-Identifier: Apache-2.0
// One client of the admin listener.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "admin/router.h"

namespace eddy::host {

class Connection;

// Who is connected. [server thread]
using Connections = std::set<Connection*>;

// Reads a request, writes its reply, and so on until the client, the time or stop() ends it. It owns itself through the
// operation it waits for. [server thread]
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  Connection(Socket socket, const Router& router, Connections& all);
  ~Connection();

  void start() { read(); }
  // Ends at once when it waits for a request, else after the running reply.
  void stop();

 private:
  using Stream = boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::io_context::executor_type,
                                            boost::beast::unlimited_rate_policy>;
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  using Error = boost::beast::error_code;

  void read();
  void on_read(Error error);
  AdminResponse refusal(int status, const char* text) const;
  void write(AdminResponse response);
  void on_write(Error error);
  void drain();
  void close();

  // Header limit and what may follow it of the next, pipelined requests.
  static constexpr std::size_t kHeaderLimit = 8 * 1024;

  Stream stream_;
  Timer goodbye_;
  const Router& router_;
  Connections& all_;
  boost::beast::flat_static_buffer<2 * kHeaderLimit> buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  std::optional<AdminResponse> response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> serializer_;
  std::size_t drained_ = 0;
  bool writing_ = false;
  bool stopping_ = false;
};

}  // namespace eddy::host
