// SPDX-License-Identifier: Apache-2.0
// The admin listener: where it is, who may use it, and what it keeps of that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "settings/tls_settings.h"

namespace eddy::host {

// One bearer token, known by its hash, or by itself where the environment holds it.
struct AdminTokenSettings {
  std::string name{};                          // for the audit log
  std::string hash{};                          // "sha256:<64 hexadecimal digits>"; never shown
  std::string secret{};                        // the token itself; never shown
  std::vector<std::string> rights = {"view"};  // "view", "operate", "reveal"
  std::string expires{};                       // RFC 3339; empty: never
  bool operator==(const AdminTokenSettings&) const = default;
};

struct AdminSettings {
  std::string listen = "127.0.0.1:5001";
  bool console = true;
  bool open_metrics = false;  // /metrics without a token
  TlsSettings tls;
  std::vector<std::string> certificate_rights = {"view"};  // of a client that shows a certificate and no token
  std::vector<AdminTokenSettings> tokens;
  std::uint32_t audit_max_mib = 64;  // of one file
  std::uint32_t audit_files = 8;     // older ones that are kept

  // True when somebody has to say who they are.
  bool authenticates() const {
    return !tokens.empty() || (tls.enabled() && tls.client_certificates == ClientCertificates::kRequired);
  }
  bool operator==(const AdminSettings&) const = default;
};

}  // namespace eddy::host
