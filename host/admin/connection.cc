// SPDX-License-Identifier: Apache-2.0
#include "admin/connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <limits>

#include "admin/client_stream.h"

namespace eddy::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::seconds kBodyTime{30};    // for a whole body
constexpr std::chrono::seconds kGoodbyeTime{1};  // for a client that still sends when we have hung up
constexpr std::size_t kDrainLimit = 64 * 1024;
// Header limit and what may follow it of the next, pipelined requests.
constexpr std::size_t kHeaderLimit = 8 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool same_words(beast::string_view a, beast::string_view b) { return beast::iequals(a, b); }

class ClientConnection final : public Connection, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(AdminHub& hub, std::string address, std::unique_ptr<ClientStream> stream)
      : hub_(hub), stream_(std::move(stream)), goodbye_(hub.io), peer_{std::move(address), "", stream_->secure()} {
    hub_.connections.insert(this);
  }
  ~ClientConnection() override { hub_.connections.erase(this); }

  void start() override {
    waiting_since_ = std::chrono::steady_clock::now();
    stream_->expires_after(hub_.idle_time);
    stream_->open([self = shared_from_this()](Error error) {
      if (error) return self->close();
      self->peer_.certificate = self->stream_->certificate();
      self->read();
    });
  }

  void stop() override {
    stopping_ = true;
    if (answering_) return;
    if (!writing_) return close();
    expect_goodbye();
  }

  std::optional<std::chrono::steady_clock::time_point> waiting_since() const override { return waiting_since_; }

 private:
  using Error = beast::error_code;

  void read();
  void on_head(Error error);
  void take_body();
  void read_body();
  void on_body(Error error);
  void answer();
  void refuse(int status, const char* text);
  void reply(HttpReply reply, bool keep_alive);
  void write(AdminResponse response);
  void on_write(Error error);
  void drain();
  void expect_goodbye();
  void close();

  AdminHub& hub_;
  const std::unique_ptr<ClientStream> stream_;
  Timer goodbye_;
  AdminPeer peer_;
  beast::flat_static_buffer<2 * kHeaderLimit> buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<Admitted> call_;
  std::optional<AdminResponse> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::size_t drained_ = 0;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  bool unread_ = false;     // a body is left where it is
  bool answering_ = false;  // on a lane
  bool writing_ = false;
  bool stopping_ = false;
};

void ClientConnection::read() {
  waiting_since_ = std::chrono::steady_clock::now();
  parser_.emplace();
  parser_->header_limit(kHeaderLimit);
  // How much a body may have is known when its route is. (Boost 1.74 takes "no limit" as a limit of nothing.)
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  stream_->expires_after(hub_.idle_time);
  http::async_read_header(*stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_head(error); });
}

void ClientConnection::on_head(Error error) {
  waiting_since_.reset();
  // The client is gone, or was silent too long, or we stop.
  if (error == http::error::end_of_stream || error == http::error::partial_message) return close();
  if (error && error.category() != make_error_code(http::error::end_of_stream).category()) return close();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(431, "the header is larger than 8 KiB");
  }
  if (error) return refuse(400, "not an HTTP/1.1 request");
  const auto& head = parser_->get();
  if (head.version() == 11 && head.count(http::field::host) != 1) return refuse(400, "expected one Host header");
  const BodyFacts body{parser_->chunked() || parser_->content_length().value_or(0) > 0,
                       parser_->content_length().value_or(0)};
  call_ = std::make_shared<Admitted>(hub_.router.admit(head, peer_, body));
  if (call_->route == nullptr) return reply(std::move(call_->refusal), head.keep_alive() && !body.there);
  unread_ = body.there && call_->lacks;
  if (!body.there || unread_) return answer();
  take_body();
}

void ClientConnection::take_body() {
  parser_->body_limit(call_->route->max_body);
  stream_->expires_after(kBodyTime);
  if (!same_words(parser_->get()[http::field::expect], "100-continue")) return read_body();
  asio::async_write(*stream_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](Error error, std::size_t) {
                      if (error) return self->close();
                      self->read_body();
                    });
}

void ClientConnection::read_body() {
  http::async_read(*stream_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void ClientConnection::on_body(Error error) {
  if (error == http::error::body_limit) return refuse(413, "the body is larger than the route takes");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return close();
  if (error && error.category() != make_error_code(http::error::end_of_stream).category()) return close();
  if (error) return refuse(400, "the body is not as HTTP/1.1 says");
  call_->request.body = std::move(parser_->get().body());
  answer();
}

// Nothing is asked of the socket while a lane works: the client may be gone when the reply is there.
void ClientConnection::answer() {
  answering_ = true;
  stream_->expires_never();
  Lane& lane = call_->route->lane == ApiLane::kQuick ? hub_.quick : hub_.work;
  lane.post([self = shared_from_this(), call = call_, open = asio::make_work_guard(hub_.io)]() mutable {
    auto reply = std::make_shared<HttpReply>(self->hub_.router.run(*call));
    asio::io_context& io = self->hub_.io;
    // The last owner of the connection must be the server's thread.
    asio::post(io, [self = std::move(self), reply = std::move(reply)] {
      self->answering_ = false;
      self->reply(std::move(*reply), self->parser_->get().keep_alive() && !self->unread_);
    });
  });
}

void ClientConnection::refuse(int status, const char* text) {
  write(make_response(11, false, error_reply(status, text)));
}

void ClientConnection::reply(HttpReply reply, bool keep_alive) {
  call_.reset();
  write(make_response(parser_->get().version(), keep_alive, std::move(reply)));
}

void ClientConnection::write(AdminResponse response) {
  if (stopping_) {
    response.keep_alive(false);
    expect_goodbye();
  }
  response_.emplace(std::move(response));
  serializer_.emplace(*response_);
  writing_ = true;
  stream_->expires_after(hub_.idle_time);
  const bool head_only = parser_->is_header_done() && parser_->get().method() == http::verb::head;
  auto done = [self = shared_from_this()](Error error, std::size_t) { self->on_write(error); };
  if (head_only) {
    http::async_write_header(*stream_, *serializer_, std::move(done));
  } else {
    http::async_write(*stream_, *serializer_, std::move(done));
  }
}

void ClientConnection::on_write(Error error) {
  writing_ = false;
  if (error) return close();
  if (response_->keep_alive() && !stopping_) return read();
  stream_->expires_after(kGoodbyeTime);
  stream_->finish([self = shared_from_this()](Error failed) {
    if (failed || self->stopping_) return self->close();
    self->drain();
  });
}

// Closing with unread bytes resets the connection, and the client might lose our reply with them.
void ClientConnection::drain() {
  buffer_.clear();
  stream_->read_rest(buffer_.prepare(kHeaderLimit), [self = shared_from_this()](Error error, std::size_t size) {
    self->drained_ += size;
    if (error || self->stopping_ || self->drained_ > kDrainLimit) return self->close();
    self->drain();
  });
}

// The stream's own time does not change for an operation that runs.
void ClientConnection::expect_goodbye() {
  goodbye_.expires_after(kGoodbyeTime);
  goodbye_.async_wait([self = shared_from_this()](Error cancelled) {
    if (!cancelled) self->close();
  });
}

void ClientConnection::close() {
  waiting_since_.reset();
  goodbye_.cancel();
  stream_->close();
}

}  // namespace

std::shared_ptr<Connection> make_connection(Connection::Socket socket, std::string address, asio::ssl::context* tls,
                                            AdminHub& hub) {
  return std::make_shared<ClientConnection>(hub, std::move(address), make_client_stream(std::move(socket), tls));
}

}  // namespace eddy::host
