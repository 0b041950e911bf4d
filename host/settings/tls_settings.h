// SPDX-License-Identifier: Apache-2.0
// TLS of a listener.
#pragma once

#include <cstdint>
#include <string>

namespace eddy::host {

enum class ClientCertificates : std::uint8_t { kNone, kOptional, kRequired };

struct TlsSettings {
  std::string certificate;  // file, PEM, with its chain; empty: no TLS
  std::string key;          // file, PEM
  std::string client_ca;    // file, PEM: who may sign client certificates
  ClientCertificates client_certificates = ClientCertificates::kNone;
  bool enabled() const { return !certificate.empty(); }
  bool operator==(const TlsSettings&) const = default;
};

}  // namespace eddy::host
