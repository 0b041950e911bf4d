// SPDX-License-Identifier: Apache-2.0
#include "admin/connection.h"

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <limits>

namespace eddy::host {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::seconds kIdleTime{10};    // for a whole request header, and for a whole reply
constexpr std::chrono::seconds kGoodbyeTime{1};  // for a client that still sends when we have hung up
constexpr std::size_t kDrainLimit = 64 * 1024;

}  // namespace

Connection::Connection(Socket socket, const Router& router, Connections& all)
    : stream_(std::move(socket)), goodbye_(stream_.get_executor()), router_(router), all_(all) {
  all_.insert(this);
}

Connection::~Connection() { all_.erase(this); }

void Connection::stop() {
  stopping_ = true;
  if (!writing_) return close();
  // The stream's own time does not change for an operation that runs.
  goodbye_.expires_after(kGoodbyeTime);
  goodbye_.async_wait([self = shared_from_this()](Error cancelled) {
    if (!cancelled) self->close();
  });
}

void Connection::read() {
  parser_.emplace();
  parser_->header_limit(kHeaderLimit);
  // A body is refused by us, in plain words, and never read. (Boost 1.74 takes "no limit" as a limit of nothing.)
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  stream_.expires_after(kIdleTime);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_read(error); });
}

void Connection::on_read(Error error) {
  // The client is gone, or was silent too long, or we stop.
  if (error == http::error::end_of_stream || error == http::error::partial_message) return close();
  if (error && error.category() != make_error_code(http::error::end_of_stream).category()) return close();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return write(refusal(431, "the header is larger than 8 KiB\n"));
  }
  if (error) return write(refusal(400, "not an HTTP/1.1 request\n"));

  const AdminRequest& request = parser_->get();
  if (request.version() == 11 && request.count(http::field::host) != 1) {
    return write(refusal(400, "expected one Host header\n"));
  }
  const bool has_body = parser_->chunked() || parser_->content_length().value_or(0) > 0;
  AdminResponse response = router_.reply(request, has_body);
  if (has_body) response.keep_alive(false);
  write(std::move(response));
}

AdminResponse Connection::refusal(int status, const char* text) const {
  return make_response(11, false, {status, "text/plain; charset=utf-8", text});
}

void Connection::write(AdminResponse response) {
  if (stopping_) response.keep_alive(false);
  response_.emplace(std::move(response));
  serializer_.emplace(*response_);
  writing_ = true;
  stream_.expires_after(kIdleTime);
  const bool head_only = parser_->is_header_done() && parser_->get().method() == http::verb::head;
  auto done = [self = shared_from_this()](Error error, std::size_t) { self->on_write(error); };
  if (head_only) {
    http::async_write_header(stream_, *serializer_, std::move(done));
  } else {
    http::async_write(stream_, *serializer_, std::move(done));
  }
}

void Connection::on_write(Error error) {
  writing_ = false;
  if (error) return close();
  if (response_->keep_alive() && !stopping_) return read();
  Error ignored;  // the client may have hung up already
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  if (ignored || stopping_) return close();
  stream_.expires_after(kGoodbyeTime);
  drain();
}

// Closing with unread bytes resets the connection, and the client might lose our reply with them.
void Connection::drain() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kHeaderLimit), [self = shared_from_this()](Error error, std::size_t size) {
    self->drained_ += size;
    if (error || self->stopping_ || self->drained_ > kDrainLimit) return self->close();
    self->drain();
  });
}

void Connection::close() {
  goodbye_.cancel();
  stream_.close();
}

}  // namespace eddy::host
