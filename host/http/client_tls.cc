// SPDX-License-Identifier: Apache-2.0
#include "http/client_tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace eddy::host {
namespace {

using Failure = boost::system::error_code;

Error file_error(std::string_view what, const std::string& file, std::string_view expected, const Failure& failure) {
  return {Code::kConfig, fmt::format("{} {}: expected {} as PEM: {}", what, file, expected, failure.message())};
}

bool is_address(const std::string& host) {
  in6_addr any{};
  return ::inet_pton(AF_INET, host.c_str(), &any) == 1 || ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(const ClientTls& tls) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  Failure failure;
  context->set_verify_mode(ssl::verify_peer, failure);
  tls.ca_file.empty() ? void(context->set_default_verify_paths(failure))
                      : void(context->load_verify_file(tls.ca_file, failure));
  if (failure) return file_error("the authorities in", tls.ca_file, "certificates", failure);
  // A certificate stands for itself then, whoever signed it.
  if (tls.pinned) X509_STORE_set_flags(SSL_CTX_get_cert_store(context->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  if (tls.certificate.empty()) return context;
  context->use_certificate_chain_file(tls.certificate, failure);
  if (failure) return file_error("the client's certificate in", tls.certificate, "a certificate", failure);
  context->use_private_key_file(tls.key, ssl::context::pem, failure);
  if (failure) return file_error("the client's key in", tls.key, "the private key of its certificate", failure);
  return context;
}

void expect_server(SSL* connection, const std::string& host, const ClientTls& tls) {
  const bool address = is_address(host);
  if (!address) {
    // What the macro SSL_set_tlsext_host_name does, with a cast that C++ has.
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
  }
  if (tls.pinned) return;
  if (address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str());
  } else {
    SSL_set1_host(connection, host.c_str());
  }
}

}  // namespace eddy::host
