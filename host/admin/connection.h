// SPDX-License-Identifier: Apache-2.0
// One client of the admin listener.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "admin/lane.h"
#include "admin/router.h"

namespace eddy::host {

class Connection;

// What the connections of a server share. [server thread]
struct AdminHub {
  boost::asio::io_context& io;
  const Router& router;
  Lane& work;
  Lane& quick;
  const std::chrono::milliseconds idle_time;
  std::set<Connection*> connections{};
};

// Reads a request, has it answered on a lane, writes the reply, and so on until the client, the time or stop() ends it.
// It owns itself through the operation it waits for. [server thread]
class Connection {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  virtual ~Connection() = default;
  virtual void start() = 0;
  // Ends at once when it waits for a request, else after the running reply.
  virtual void stop() = 0;
  // Since when it waits for the header of a request; none: it does not.
  virtual std::optional<std::chrono::steady_clock::time_point> waiting_since() const = 0;
};

// `tls` null: plain.
std::shared_ptr<Connection> make_connection(Connection::Socket socket, std::string address,
                                            boost::asio::ssl::context* tls, AdminHub& hub);

}  // namespace eddy::host
