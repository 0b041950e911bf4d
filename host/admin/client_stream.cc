// SPDX-License-Identifier: Apache-2.0
#include "admin/client_stream.h"

#include <openssl/x509.h>

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <type_traits>

namespace eddy::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

using PlainStream = beast::basic_stream<asio::ip::tcp, ClientStream::executor_type, beast::unlimited_rate_policy>;
using TlsStream = beast::ssl_stream<PlainStream>;

PlainStream& lowest(PlainStream& stream) { return stream; }
PlainStream& lowest(TlsStream& stream) { return stream.next_layer(); }

template <typename Stream>
class StreamOver final : public ClientStream {
 public:
  template <typename... Arguments>
  explicit StreamOver(Socket socket, Arguments&... arguments) : stream_(std::move(socket), arguments...) {}

  executor_type get_executor() override { return stream_.get_executor(); }
  void read_rest(asio::mutable_buffer to, Moved moved) override {
    lowest(stream_).async_read_some(to, std::move(moved));
  }
  void close() override { lowest(stream_).close(); }
  void expires_after(std::chrono::nanoseconds time) override { lowest(stream_).expires_after(time); }
  void expires_never() override { lowest(stream_).expires_never(); }
  bool secure() const override { return kSecure; }

  void open(Done done) override {
    if constexpr (kSecure) {
      stream_.async_handshake(asio::ssl::stream_base::server, std::move(done));
    } else {
      done(Error());
    }
  }

  void finish(Done done) override {
    if constexpr (kSecure) {
      stream_.async_shutdown(std::move(done));
    } else {
      Error error;  // the client may have hung up already
      stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
      done(error);
    }
  }

  std::string certificate() override {
    if constexpr (kSecure) {
      SSL* ssl = stream_.native_handle();
      const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl), &X509_free);
      if (shown == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return {};
      char text[512];
      return X509_NAME_oneline(X509_get_subject_name(shown.get()), text, sizeof text) != nullptr ? text : "";
    } else {
      return {};
    }
  }

 private:
  static constexpr bool kSecure = std::is_same_v<Stream, TlsStream>;

  void read_some(std::vector<asio::mutable_buffer> buffers, Moved moved) override {
    stream_.async_read_some(buffers, std::move(moved));
  }
  void write_some(std::vector<asio::const_buffer> buffers, Moved moved) override {
    stream_.async_write_some(buffers, std::move(moved));
  }

  Stream stream_;
};

}  // namespace

std::unique_ptr<ClientStream> make_client_stream(ClientStream::Socket socket, asio::ssl::context* tls) {
  if (tls == nullptr) return std::make_unique<StreamOver<PlainStream>>(std::move(socket));
  return std::make_unique<StreamOver<TlsStream>>(std::move(socket), *tls);
}

}  // namespace eddy::host
