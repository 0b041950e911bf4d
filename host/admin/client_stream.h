// SPDX-License-Identifier: Apache-2.0
// A client's socket, plain or TLS, behind one type: what the library makes of a stream is made once.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/error.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace eddy::host {

using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

// An AsyncStream as Beast takes one. [server thread]
class ClientStream {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor_type>;
  using Error = boost::beast::error_code;
  using Done = std::function<void(Error)>;
  using Moved = std::function<void(Error, std::size_t)>;

  virtual ~ClientStream() = default;
  virtual executor_type get_executor() = 0;

  // Shakes hands, where that is done. `done` is called from within, or later.
  virtual void open(Done done) = 0;
  // Says that nothing more will be sent; likewise.
  virtual void finish(Done done) = 0;
  // What comes after finish(), as it is on the wire.
  virtual void read_rest(boost::asio::mutable_buffer to, Moved moved) = 0;
  virtual void close() = 0;
  // Operations that are not done by then end with an error.
  virtual void expires_after(std::chrono::nanoseconds time) = 0;
  virtual void expires_never() = 0;
  virtual bool secure() const = 0;
  // Subject of the client certificate that was verified; empty: none.
  virtual std::string certificate() = 0;

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    read_some(all<boost::asio::mutable_buffer>(buffers), erased(std::forward<Handler>(handler)));
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    write_some(all<boost::asio::const_buffer>(buffers), erased(std::forward<Handler>(handler)));
  }

 private:
  virtual void read_some(std::vector<boost::asio::mutable_buffer> buffers, Moved moved) = 0;
  virtual void write_some(std::vector<boost::asio::const_buffer> buffers, Moved moved) = 0;

  template <typename Buffer, typename Buffers>
  static std::vector<Buffer> all(const Buffers& buffers) {
    return {boost::asio::buffer_sequence_begin(buffers), boost::asio::buffer_sequence_end(buffers)};
  }
  // The library's handlers can only be moved, functions must be copied.
  template <typename Handler>
  static Moved erased(Handler&& handler) {
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    return [shared = std::move(shared)](Error error, std::size_t size) { (*shared)(error, size); };
  }
};

// `tls` null: plain.
std::unique_ptr<ClientStream> make_client_stream(ClientStream::Socket socket, boost::asio::ssl::context* tls);

}  // namespace eddy::host
