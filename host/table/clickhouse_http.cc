// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_http.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace eddy::host::table {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = boost::asio::ssl;
using tcp = boost::asio::ip::tcp;
using Failure = beast::error_code;

constexpr std::chrono::milliseconds kConnectPatience = std::chrono::seconds(10);

using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

}  // namespace

class HttpClient::Link {
 public:
  virtual ~Link() = default;
  virtual Failure connect(const HttpServer& server) = 0;
  virtual Failure send(Request& request) = 0;
  virtual Failure receive(Parser& parser) = 0;
  // The server has closed it, or says something that it was not asked.
  virtual bool spent() = 0;
};

// Blocking calls of the library do not know a deadline: each step is an asynchronous one that is waited for.
template <typename Stream>
class HttpClient::LinkOver final : public HttpClient::Link {
 public:
  template <typename... Context>
  explicit LinkOver(std::chrono::milliseconds patience, Context&... context)
      : patience_(patience), stream_(io_, context...) {}

  Failure connect(const HttpServer& server) override {
    Failure failure;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(server.host, server.port, failure);
    if (failure) return failure;
    const auto dial = [&](auto done) { beast::get_lowest_layer(stream_).async_connect(found, done); };
    failure = wait(std::min(kConnectPatience, patience_), dial);
    if (failure) return failure;
    beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay(true), failure);
    if constexpr (std::is_same_v<Stream, beast::ssl_stream<beast::tcp_stream>>) return shake_hands(server);
    return failure;
  }

  Failure send(Request& request) override {
    http::request_serializer<http::string_body> serializer(request);
    while (!serializer.is_done()) {
      const auto piece = [&](auto done) { http::async_write_some(stream_, serializer, done); };
      if (const Failure failure = wait(patience_, piece)) return failure;
    }
    return {};
  }

  Failure receive(Parser& parser) override {
    while (!parser.is_done()) {
      const auto piece = [&](auto done) { http::async_read_some(stream_, buffer_, parser, done); };
      if (const Failure failure = wait(patience_, piece)) return failure;
    }
    return {};
  }

  bool spent() override {
    pollfd descriptor{beast::get_lowest_layer(stream_).socket().native_handle(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) != 0;
  }

 private:
  template <typename Start>
  Failure wait(std::chrono::milliseconds patience, Start start) {
    Failure failure;
    beast::get_lowest_layer(stream_).expires_after(patience);
    start([&failure](Failure outcome, const auto&...) { failure = outcome; });
    io_.restart();
    io_.run();
    return failure;
  }

  Failure shake_hands(const HttpServer& server) {
    Failure failure;
    boost::asio::ip::make_address(server.host, failure);
    if (failure) {  // an address is no name
      SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(server.host.c_str()));
    }
    stream_.set_verify_mode(ssl::verify_peer, failure);
    stream_.set_verify_callback(ssl::host_name_verification(server.host), failure);
    return wait(kConnectPatience, [&](auto done) { stream_.async_handshake(ssl::stream_base::client, done); });
  }

  const std::chrono::milliseconds patience_;
  boost::asio::io_context io_;
  Stream stream_;
  beast::flat_buffer buffer_;
};

namespace {

// The context that secure links share; it is only read after it was made.
Result<std::shared_ptr<ssl::context>> make_context(const HttpServer& server) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  Failure failure;
  server.ca_file.empty() ? void(context->set_default_verify_paths(failure))
                         : void(context->load_verify_file(server.ca_file, failure));
  if (!failure) return context;
  return Error{Code::kConfig,
               fmt::format("ca_file: {}: expected certificates as PEM: {}", server.ca_file, failure.message())};
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

}  // namespace

HttpClient::HttpClient(HttpServer server, std::chrono::milliseconds patience)
    : server_(std::move(server)), patience_(patience) {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient::Link>> HttpClient::open() const {
  std::unique_ptr<Link> link;
  std::shared_ptr<ssl::context> context;
  if (server_.secure) {
    EDDY_ASSIGN(context, make_context(server_));
    link = std::make_unique<LinkOver<beast::ssl_stream<beast::tcp_stream>>>(patience_, *context);
  } else {
    link = std::make_unique<LinkOver<beast::tcp_stream>>(patience_);
  }
  if (const Failure failure = link->connect(server_)) return unanswered("connecting", failure, kConnectPatience);
  return link;
}

Result<HttpAnswer> HttpClient::post(const std::string& target, const Headers& headers, std::string body) {
  if (link_ != nullptr && link_->spent()) link_.reset();
  if (link_ == nullptr) {
    EDDY_ASSIGN(link_, open());
  }
  Request request(http::verb::post, target, 11);
  const bool bare = server_.host.find(':') != server_.host.npos;  // an IPv6 address
  request.set(http::field::host,
              fmt::format("{0}{1}{2}:{3}", bare ? "[" : "", server_.host, bare ? "]" : "", server_.port));
  for (const auto& [name, value] : headers) request.set(name, value);
  request.set(http::field::user_agent, "eddy");
  request.body() = std::move(body);
  request.prepare_payload();
  Parser parser;
  parser.body_limit(server_.most_answer_bytes);
  const Failure sent = link_->send(request);
  // A server that refuses a request answers before it has heard all of it.
  const Failure received = link_->receive(parser);
  if (received) {
    link_.reset();
    return unanswered("asking", sent ? sent : received, patience_);
  }
  if (sent || !parser.keep_alive()) link_.reset();
  http::response<http::string_body>& response = parser.get();
  const auto code = response["X-ClickHouse-Exception-Code"];
  return HttpAnswer{response.result_int(), std::string(code.data(), code.size()), std::move(response.body())};
}

}  // namespace eddy::host::table
