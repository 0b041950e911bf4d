// SPDX-License-Identifier: Apache-2.0
// A client's socket, plain or TLS, behind the few operations a connection needs.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>

namespace eddy::host {

using IngestSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Who is told. Kept alive by the operation that runs. [server thread]
class WireClient {
 public:
  using Error = boost::system::error_code;
  virtual ~WireClient() = default;
  virtual void on_open(Error error) = 0;
  virtual void on_read(Error error, std::size_t size) = 0;
  virtual void on_written(Error error) = 0;
  virtual void on_finished() = 0;
};

// At most one operation of each kind at a time. What a buffer points to must stay until it ends. [server thread]
class Wire {
 public:
  using Client = std::shared_ptr<WireClient>;
  virtual ~Wire() = default;

  virtual void open(Client client) = 0;  // TLS shakes hands
  virtual void read(Client client, boost::asio::mutable_buffer into) = 0;
  virtual void write(Client client, boost::asio::const_buffer all) = 0;
  virtual void finish(Client client) = 0;  // says that nothing more will be sent
  virtual void close() = 0;                // what runs ends with an error
  // Of the client certificate that was verified; empty: none.
  virtual std::string certificate() const = 0;
};

std::unique_ptr<Wire> plain_wire(IngestSocket socket);
std::unique_ptr<Wire> tls_wire(IngestSocket socket, boost::asio::ssl::context& context);

}  // namespace eddy::host
