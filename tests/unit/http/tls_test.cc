// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "unit/http/keys.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

class Tls : public testing::Test {
 protected:
  Tls() {
    settings_.certificate = files_.write("server.pem", test::pem_of(server_certificate_.get()));
    settings_.key = files_.write("server.key", test::private_pem(server_.get()));
    settings_.client_ca = files_.write("ca.pem", test::pem_of(authority_certificate_.get()));
  }

  std::string refusal() const {
    const auto made = make_tls_context(settings_, "ingest.tls");
    EXPECT_FALSE(made);
    if (made) return "";
    EXPECT_EQ(made.error().code, Code::kConfig);
    return made.error().text;
  }

  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  static Context client() { return {SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}; }
  Context client_with(X509* certificate, EVP_PKEY* key) const {
    Context made = client();
    SSL_CTX_use_certificate(made.get(), certificate);
    SSL_CTX_use_PrivateKey(made.get(), key);
    return made;
  }

  // True when both sides agree; the server's side can be looked at afterwards.
  bool shake_hands(SSL_CTX* client_context) {
    auto context = make_tls_context(settings_, "ingest.tls");
    EXPECT_TRUE(context) << context.error().text;
    context_ = *context;
    server_side_.reset(SSL_new(context_->native_handle()));
    const Session client_side(SSL_new(client_context), &SSL_free);
    BIO *near = nullptr, *far = nullptr;
    BIO_new_bio_pair(&near, 0, &far, 0);
    SSL_set_bio(server_side_.get(), near, near);
    SSL_set_bio(client_side.get(), far, far);
    SSL_set_accept_state(server_side_.get());
    SSL_set_connect_state(client_side.get());
    SSL_set_alpn_protos(client_side.get(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
    for (int round = 0; round < 10; ++round) {
      SSL_do_handshake(client_side.get());
      SSL_do_handshake(server_side_.get());
    }
    const bool done = SSL_is_init_finished(server_side_.get()) == 1 && SSL_is_init_finished(client_side.get()) == 1;
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(client_side.get(), &name, &size);
    protocol_.assign(reinterpret_cast<const char*>(name), size);
    return done;
  }

  using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;
  test::Files files_;
  PublicKey authority_ = test::make_ec(), server_ = test::make_ec();
  test::Certificate authority_certificate_ =
      test::make_certificate(authority_.get(), "authority", nullptr, authority_.get());
  test::Certificate server_certificate_ = test::make_certificate(server_.get(), "localhost", nullptr, server_.get());
  TlsSettings settings_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  Session server_side_{nullptr, &SSL_free};
  std::string protocol_;
};

TEST_F(Tls, AClientWithoutACertificateIsServed) {
  EXPECT_TRUE(shake_hands(client().get()));
  EXPECT_STREQ(SSL_get_version(server_side_.get()), "TLSv1.3");
  EXPECT_EQ(protocol_, "http/1.1") << "HTTP/2 is not spoken";
}

TEST_F(Tls, TheOldVersionsAreRefused) {
  const auto old = client();
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  EXPECT_FALSE(shake_hands(old.get()));
  SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
  EXPECT_TRUE(shake_hands(old.get()));
}

TEST_F(Tls, ClientCertificatesAreAskedForAsConfigured) {
  const PublicKey key = test::make_ec();
  const auto known = test::make_certificate(key.get(), "shop", authority_certificate_.get(), authority_.get());
  const auto stranger = test::make_certificate(key.get(), "shop", nullptr, key.get());
  settings_.client_certificates = ClientCertificates::kRequired;
  EXPECT_FALSE(shake_hands(client().get()));
  EXPECT_FALSE(shake_hands(client_with(stranger.get(), key.get()).get()));
  EXPECT_TRUE(shake_hands(client_with(known.get(), key.get()).get()));
  EXPECT_NE(SSL_get0_peer_certificate(server_side_.get()), nullptr);
  settings_.client_certificates = ClientCertificates::kOptional;
  EXPECT_TRUE(shake_hands(client().get()));
  EXPECT_EQ(SSL_get0_peer_certificate(server_side_.get()), nullptr);
  EXPECT_FALSE(shake_hands(client_with(stranger.get(), key.get()).get()));
  EXPECT_TRUE(shake_hands(client_with(known.get(), key.get()).get()));
}

TEST_F(Tls, WhatIsWrongWithAFileIsSaidWithItsName) {
  const TlsSettings good = settings_;
  settings_.certificate = "/nonexistent/server.pem";
  EXPECT_THAT(refusal(), HasSubstr("ingest.tls.certificate: /nonexistent/server.pem: cannot be read: No such file"));
  settings_ = good;
  settings_.certificate = files_.write("empty.pem", "");
  EXPECT_THAT(refusal(), HasSubstr("empty.pem: expected a certificate as PEM"));
  settings_ = good;
  settings_.key = files_.write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  EXPECT_THAT(refusal(), HasSubstr("ingest.tls.key: "));
  EXPECT_THAT(refusal(), HasSubstr("broken.key: expected the certificate's private key as PEM"));
  settings_.key = files_.write("other.key", test::private_pem(authority_.get()));
  EXPECT_THAT(refusal(), HasSubstr("other.key: expected"));
  settings_.key = files_.write("locked.key", test::private_pem(server_.get(), "geheim"));
  EXPECT_THAT(refusal(), HasSubstr("locked.key: expected the certificate's private key as PEM, without a passphrase"));
  settings_ = good;
  settings_.client_certificates = ClientCertificates::kOptional;
  settings_.client_ca = files_.write("nobody.pem", "nobody");
  EXPECT_THAT(refusal(), HasSubstr("ingest.tls.client_ca: "));
  EXPECT_THAT(refusal(), HasSubstr("nobody.pem: expected certificates as PEM"));
}

}  // namespace
}  // namespace eddy::host
