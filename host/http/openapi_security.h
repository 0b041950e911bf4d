// SPDX-License-Identifier: Apache-2.0
// How a listener's OpenAPI document says who is let in.
#pragma once

#include <nlohmann/json.hpp>

#include "settings/tls_settings.h"

namespace eddy::host {

struct OpenApiSecurity {
  bool token = false;
  bool jwt = false;  // the token is one
  ClientCertificates certificates = ClientCertificates::kNone;
};

// "components.securitySchemes"; empty: everybody is let in.
nlohmann::ordered_json security_schemes(const OpenApiSecurity& security);
// "security": a list of ways in; each is all of what stands in it.
nlohmann::ordered_json security_ways(const OpenApiSecurity& security);

}  // namespace eddy::host
