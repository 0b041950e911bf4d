// SPDX-License-Identifier: Apache-2.0
#include "ingest/wire.h"

#include <openssl/x509.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace eddy::host {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

class PlainWire final : public Wire {
 public:
  explicit PlainWire(IngestSocket socket) : socket_(std::move(socket)) {}

  void open(Client client) override { client->on_open({}); }
  void read(Client client, asio::mutable_buffer into) override {
    socket_.async_read_some(
        into, [client = std::move(client)](Error error, std::size_t size) { client->on_read(error, size); });
  }
  void write(Client client, asio::const_buffer all) override {
    asio::async_write(socket_, all,
                      [client = std::move(client)](Error error, std::size_t) { client->on_written(error); });
  }
  void finish(Client client) override {
    Error ignored;  // the client may have hung up already
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    client->on_finished();
  }
  void close() override {
    Error ignored;
    socket_.close(ignored);
  }
  std::string certificate() const override { return {}; }

 private:
  IngestSocket socket_;
};

class TlsWire final : public Wire {
 public:
  TlsWire(IngestSocket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  void open(Client client) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [client = std::move(client)](Error error) { client->on_open(error); });
  }
  void read(Client client, asio::mutable_buffer into) override {
    stream_.async_read_some(
        into, [client = std::move(client)](Error error, std::size_t size) { client->on_read(error, size); });
  }
  void write(Client client, asio::const_buffer all) override {
    asio::async_write(stream_, all,
                      [client = std::move(client)](Error error, std::size_t) { client->on_written(error); });
  }
  void finish(Client client) override {
    stream_.async_shutdown([client = std::move(client)](Error) { client->on_finished(); });
  }
  void close() override {
    Error ignored;
    stream_.next_layer().close(ignored);
  }
  std::string certificate() const override {
    SSL* ssl = const_cast<Stream&>(stream_).native_handle();
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl), &X509_free);
    if (shown == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return {};
    char text[512];
    return X509_NAME_oneline(X509_get_subject_name(shown.get()), text, sizeof text) != nullptr ? text : "";
  }

 private:
  using Stream = asio::ssl::stream<IngestSocket>;
  Stream stream_;
};

}  // namespace

std::unique_ptr<Wire> plain_wire(IngestSocket socket) { return std::make_unique<PlainWire>(std::move(socket)); }

std::unique_ptr<Wire> tls_wire(IngestSocket socket, asio::ssl::context& context) {
  return std::make_unique<TlsWire>(std::move(socket), context);
}

}  // namespace eddy::host
