// SPDX-License-Identifier: Apache-2.0
// A client's socket, plain or TLS, behind the same few words. Private to connection.cc.
#pragma once

#include <openssl/x509.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace eddy::host {

using PlainStream = boost::beast::basic_stream<boost::asio::ip::tcp, boost::asio::io_context::executor_type,
                                               boost::beast::unlimited_rate_policy>;
using TlsStream = boost::beast::ssl_stream<PlainStream>;
using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

template <typename Stream>
inline constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

inline PlainStream& lowest(PlainStream& stream) { return stream; }
inline PlainStream& lowest(TlsStream& stream) { return stream.next_layer(); }

// Shakes hands, where that is done. `done` is called from within, or later.
template <typename Done>
void open(PlainStream&, Done done) {
  done(boost::beast::error_code());
}
template <typename Done>
void open(TlsStream& stream, Done done) {
  stream.async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
}

// Says that nothing more will be sent.
template <typename Done>
void finish(PlainStream& stream, Done done) {
  boost::beast::error_code error;  // the client may have hung up already
  stream.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
  done(error);
}
template <typename Done>
void finish(TlsStream& stream, Done done) {
  stream.async_shutdown([done = std::move(done)](boost::beast::error_code error) mutable { done(error); });
}

// Subject of the client certificate that was verified; empty: none.
inline std::string certificate_of(PlainStream&) { return {}; }
inline std::string certificate_of(TlsStream& stream) {
  SSL* ssl = stream.native_handle();
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl), &X509_free);
  if (shown == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return {};
  char text[512];
  return X509_NAME_oneline(X509_get_subject_name(shown.get()), text, sizeof text) != nullptr ? text : "";
}

}  // namespace eddy::host
