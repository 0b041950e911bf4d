// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace eddy::host {
namespace {

// Ciphers of TLS 1.2 with forward secrecy and authenticated encryption; those of TLS 1.3 are all of that kind.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

Error file_error(const char* key, const std::string& file, const std::string& expected) {
  // The first error is the cause, what follows only passes it on.
  const unsigned long code = ERR_get_error();
  std::string text = std::string(key) + ": " + file + ": ";
  if (ERR_SYSTEM_ERROR(code)) {
    text += std::string("cannot be read: ") + std::strerror(ERR_GET_REASON(code));
  } else {
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    text += "expected " + expected + ", found another content" + (reason != nullptr ? std::string(": ") + reason : "");
  }
  ERR_clear_error();
  return {Code::kConfig, std::move(text)};
}

// The host has no terminal to ask on: a key with a passphrase is refused instead.
int no_passphrase(char*, int, int, void*) { return -1; }

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, size, kHttp, sizeof kHttp - 1, offered, static_cast<unsigned>(offered_size));
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
}

Result<void> load_identity(SSL_CTX* context, const TlsSettings& settings) {
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
    return file_error("certificate", settings.certificate, "a certificate as PEM, its chain after it");
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return file_error("key", settings.key, "the certificate's private key as PEM, without a passphrase");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return file_error("key", settings.key, "the private key of " + settings.certificate);
  }
  return {};
}

Result<void> ask_clients(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.client_certificates == ClientCertificates::kNone) return {};
  const char* file = settings.client_ca.c_str();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file);
  if (names == nullptr) return file_error("client_ca", settings.client_ca, "certificates as PEM");
  SSL_CTX_set_client_CA_list(context, names);
  if (SSL_CTX_load_verify_locations(context, file, nullptr) != 1) {
    return file_error("client_ca", settings.client_ca, "certificates as PEM");
  }
  const bool required = settings.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  // A session that is resumed keeps the certificate it began with, and OpenSSL wants it to say whose session it is.
  static constexpr unsigned char kSessions[] = "eddy";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  return {};
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsSettings& settings,
                                                                    const std::string& where) {
  auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  ERR_clear_error();
  harden(context->native_handle());
  Result<void> done = load_identity(context->native_handle(), settings);
  if (done) done = ask_clients(context->native_handle(), settings);
  if (!done) return Error{done.error().code, where + "." + done.error().text};
  return context;
}

}  // namespace eddy::host
