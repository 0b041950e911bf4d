// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace eddy::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Failure = beast::error_code;
using Parser = http::response_parser<http::string_body>;

constexpr std::chrono::milliseconds kConnectPatience = std::chrono::seconds(10);
constexpr std::size_t kPiece = 64 * 1024;

std::chrono::milliseconds connect_patience(std::chrono::milliseconds patience) {
  return std::min(kConnectPatience, patience);
}

}  // namespace

// A connection, plain or TLS. No step waits for longer than the client is patient.
class HttpClient::Wire {
 public:
  virtual ~Wire() = default;
  virtual Failure connect(const HttpServer& server) = 0;
  virtual Failure write(std::string_view bytes) = 0;                     // all of them
  virtual Failure read(asio::mutable_buffer to, std::size_t& size) = 0;  // what there is, one byte or more
  virtual bool spent() = 0;  // the server has closed it, or says something that it was not asked
};

// Blocking calls of the library do not know a deadline: each step is an asynchronous one that is waited for.
template <typename Stream>
class HttpClient::WireOver final : public HttpClient::Wire {
 public:
  template <typename... Context>
  explicit WireOver(std::chrono::milliseconds patience, Context&... context)
      : patience_(patience), stream_(io_, context...) {}

  Failure connect(const HttpServer& server) override {
    Failure failure;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(server.host, server.port, failure);
    if (failure) return failure;
    const auto patience = connect_patience(patience_);
    failure = wait(patience, [&](auto done) { beast::get_lowest_layer(stream_).async_connect(found, done); });
    if (failure) return failure;
    beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay(true), failure);
    if constexpr (std::is_same_v<Stream, beast::ssl_stream<beast::tcp_stream>>) {
      expect_server(stream_.native_handle(), server.host, server.tls);
      return wait(patience, [&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, done); });
    }
    return failure;
  }

  Failure write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::size_t size = 0;
      const asio::const_buffer rest(bytes.data(), bytes.size());
      if (const auto failure = wait(
              patience_, [&](auto done) { stream_.async_write_some(rest, done); }, &size)) {
        return failure;
      }
      bytes.remove_prefix(size);
    }
    return {};
  }

  Failure read(asio::mutable_buffer to, std::size_t& size) override {
    return wait(
        patience_, [&](auto done) { stream_.async_read_some(to, done); }, &size);
  }

  bool spent() override {
    pollfd descriptor{beast::get_lowest_layer(stream_).socket().native_handle(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) != 0;
  }

 private:
  template <typename Start>
  Failure wait(std::chrono::milliseconds patience, Start start, std::size_t* size = nullptr) {
    Failure failure;
    beast::get_lowest_layer(stream_).expires_after(patience);
    start([&failure, size](Failure outcome, const auto&... what) {
      failure = outcome;
      if constexpr ((std::is_convertible_v<decltype(what), std::size_t> && ...)) {
        if (size != nullptr) ((*size = what), ...);
      }
    });
    io_.restart();
    io_.run();
    return failure;
  }

  const std::chrono::milliseconds patience_;
  asio::io_context io_;
  Stream stream_;
};

namespace {

std::string head_of(std::string_view method, std::string_view target, const HttpServer& server,
                    const HttpHeaders& headers, std::size_t body_size) {
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: eddy\r\n", method, target, server.authority());
  for (const auto& [name, value] : headers) head += fmt::format("{}: {}\r\n", name, value);
  if (body_size > 0 || method == "POST") head += fmt::format("Content-Length: {}\r\n", body_size);
  return head + "\r\n";
}

// Beast 1.74 passes over its limit where the body comes with its header.
bool too_large(Parser& parser, std::uint64_t most) {
  return parser.is_header_done() && parser.content_length().value_or(0) > most;
}

// `read(buffer, size)` gives what comes from the server.
template <typename Read>
Failure receive(Parser& parser, std::uint64_t most, Read read) {
  beast::flat_buffer buffer;
  Failure failure;
  parser.body_limit(most);
  parser.eager(true);
  while (!parser.is_done()) {
    std::size_t size = 0;
    failure = read(buffer.prepare(kPiece), size);
    if (failure == asio::error::eof) {
      if (!parser.got_some()) return http::error::end_of_stream;
      parser.put_eof(failure);
    } else if (!failure) {
      buffer.commit(size);
      buffer.consume(parser.put(buffer.data(), failure));
      if (failure == http::error::need_more) failure = {};
      if (!failure && too_large(parser, most)) failure = http::error::body_limit;
    }
    if (failure) return failure;
  }
  return {};
}

Error unanswered(std::string_view doing, const Failure& failure, std::chrono::milliseconds patience) {
  if (failure == beast::error::timeout) {
    return {Code::kUnavailable, fmt::format("{}: the server did not answer for {} ms", doing, patience.count())};
  }
  if (failure == http::error::end_of_stream || failure == http::error::partial_message) {
    return {Code::kUnavailable, fmt::format("{}: the server closed the connection", doing)};
  }
  return {Code::kUnavailable, fmt::format("{}: {}", doing, failure.message())};
}

HttpAnswer answer_of(http::response<http::string_body> response) {
  HttpAnswer answer{response.result_int(), {}, std::move(response.body())};
  for (const auto& field : response) {
    answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return answer;
}

}  // namespace

std::string HttpServer::authority() const {
  const bool bare = host.find(':') != host.npos;  // an IPv6 address
  return fmt::format("{}{}{}:{}", bare ? "[" : "", host, bare ? "]" : "", port);
}

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& header) {
    return beast::iequals({header.first.data(), header.first.size()}, {name.data(), name.size()});
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

HttpClient::HttpClient(HttpServer server, std::chrono::milliseconds patience)
    : server_(std::move(server)), patience_(patience) {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient::Wire>> HttpClient::open() const {
  std::unique_ptr<Wire> wire;
  std::shared_ptr<asio::ssl::context> context;
  if (server_.secure) {
    EDDY_ASSIGN(context, make_client_context(server_.tls));
    wire = std::make_unique<WireOver<beast::ssl_stream<beast::tcp_stream>>>(patience_, *context);
  } else {
    wire = std::make_unique<WireOver<beast::tcp_stream>>(patience_);
  }
  if (const Failure failure = wire->connect(server_))
    return unanswered("connecting", failure, connect_patience(patience_));
  return wire;
}

Result<HttpAnswer> HttpClient::ask(std::string_view method, std::string_view target, const HttpHeaders& headers,
                                   std::string_view body) {
  if (wire_ != nullptr && wire_->spent()) wire_.reset();
  if (wire_ == nullptr) {
    EDDY_ASSIGN(wire_, open());
  }
  Failure sent = wire_->write(head_of(method, target, server_, headers, body.size()));
  if (!sent) sent = wire_->write(body);
  Parser parser;
  // A server that refuses a request answers before it has heard all of it.
  const auto read = [&](asio::mutable_buffer to, std::size_t& size) { return wire_->read(to, size); };
  const Failure received = receive(parser, server_.most_answer_bytes, read);
  if (received) {
    wire_.reset();
    return unanswered("asking", sent ? sent : received, patience_);
  }
  if (sent || !parser.keep_alive()) wire_.reset();
  return answer_of(parser.release());
}

}  // namespace eddy::host
