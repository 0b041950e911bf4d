// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_exchange.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>

namespace eddy::host {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds kPatience{30};
constexpr std::uint64_t kLargestAnswer = std::uint64_t{1} << 30;

bool is_ip(const std::string& host) {
  beast::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string in_url(const HostAccess& access) {
  const bool six = access.host.find(':') != std::string::npos;
  return (six ? "[" + access.host + "]" : access.host) + ":" + access.port;
}

http::request<http::string_body> request_of(const HostAccess& access, const std::string& method,
                                            const std::string& target, const std::string& body) {
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, in_url(access));
  request.set(http::field::connection, "close");
  request.set("X-Eddy-Request", "eddy");
  if (!access.token.empty()) request.set(http::field::authorization, "Bearer " + access.token);
  if (!body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
  } else if (method == "POST") {
    request.set(http::field::content_length, "0");
  }
  return request;
}

// One step after another, each started by the one before; the stream's time ends them all.
template <typename Stream>
class Exchange {
 public:
  template <typename... Arguments>
  Exchange(const HostAccess& access, http::request<http::string_body> request, Arguments&... arguments)
      : access_(access), stream_(io_, arguments...), request_(std::move(request)) {
    parser_.body_limit(kLargestAnswer);
  }

  Stream& stream() { return stream_; }

  beast::error_code run() {
    resolver_.async_resolve(
        access_.host, access_.port, [this](beast::error_code error, tcp::resolver::results_type found) {
          if (error) return end(error);
          lowest().expires_after(kPatience);
          lowest().async_connect(
              found, [this](beast::error_code failed, const tcp::endpoint&) { failed ? end(failed) : open(); });
        });
    io_.run();
    return error_;
  }

  AdminAnswer take() { return {parser_.get().result_int(), std::move(parser_.get().body())}; }

 private:
  auto& lowest() { return beast::get_lowest_layer(stream_); }
  void open() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [this](beast::error_code error) { error ? end(error) : write(); });
    }
  }
  void write() {
    http::async_write(stream_, request_, [this](beast::error_code error, std::size_t) { error ? end(error) : read(); });
  }
  void read() {
    http::async_read(stream_, buffer_, parser_, [this](beast::error_code error, std::size_t) { end(error); });
  }
  void end(beast::error_code error) { error_ = error; }

  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  const HostAccess& access_;
  Stream stream_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  beast::flat_buffer buffer_;
  beast::error_code error_;
};

Result<void> load(asio::ssl::context& context, const HostAccess& access) {
  beast::error_code error;
  context.set_verify_mode(asio::ssl::verify_peer);
  if (access.ca.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(access.ca, error);
  }
  if (error) return Error{Code::kConfig, "--ca " + access.ca + ": expected certificates as PEM: " + error.message()};
  if (access.pinned) {
    // The host's own certificate stands for itself, whoever signed it.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (access.certificate.empty()) return {};
  context.use_certificate_chain_file(access.certificate, error);
  if (error) {
    return Error{Code::kConfig,
                 "--certificate " + access.certificate + ": expected a certificate as PEM: " + error.message()};
  }
  context.use_private_key_file(access.key, asio::ssl::context::pem, error);
  if (error)
    return Error{Code::kConfig, "--key " + access.key + ": expected its private key as PEM: " + error.message()};
  return {};
}

// Whose certificate it must be.
void expect_name(SSL* ssl, const HostAccess& access) {
  if (access.pinned) return;
  if (is_ip(access.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), access.host.c_str());
  } else {
    SSL_set1_host(ssl, access.host.c_str());
    // What the macro SSL_set_tlsext_host_name does, with a cast that C++ has.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(access.host.c_str()));
  }
}

}  // namespace

Result<AdminAnswer> exchange(const HostAccess& access, const std::string& method, const std::string& target,
                             const std::string& body) {
  auto request = request_of(access, method, target, body);
  const auto failed = [&](const beast::error_code& error) {
    return Error{Code::kUnavailable, "no host answers at " + access.url() + ": " + error.message() +
                                         "; start it with `eddy run`, or give its address with --admin"};
  };
  if (!access.tls) {
    Exchange<beast::tcp_stream> plain(access, std::move(request));
    if (const auto error = plain.run()) return failed(error);
    return plain.take();
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  EDDY_TRY(load(context, access));
  Exchange<beast::ssl_stream<beast::tcp_stream>> secure(access, std::move(request), context);
  expect_name(secure.stream().native_handle(), access);
  if (const auto error = secure.run()) return failed(error);
  return secure.take();
}

}  // namespace eddy::host
