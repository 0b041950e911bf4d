// SPDX-License-Identifier: Apache-2.0
// TLS of a client: whom it trusts, and who it is.
#pragma once

#include <openssl/types.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.h"

namespace eddy::host {

struct ClientTls {
  std::string ca_file{};      // PEM: who may have signed the server's certificate; empty: what the machine trusts
  bool pinned = false;        // ca_file is the server's own certificate, whatever name stands in it
  std::string certificate{};  // of the client, PEM, its chain after it; empty: none
  std::string key{};          // its private key, PEM
};

// TLS 1.2 or newer. kConfig, naming the file: not readable, no such content.
Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(const ClientTls& tls);

// Whose certificate the connection must show: one of the server called so, a name or an address.
void expect_server(SSL* connection, const std::string& host, const ClientTls& tls);

}  // namespace eddy::host
