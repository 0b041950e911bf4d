// SPDX-License-Identifier: Apache-2.0
#include "http/openapi_security.h"

#include <utility>

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBearer = "bearer";
constexpr const char* kCertificate = "client_certificate";

}  // namespace

Json security_schemes(const OpenApiSecurity& security) {
  Json schemes = Json::object();
  if (security.token) {
    schemes[kBearer] = {{"type", "http"}, {"scheme", "bearer"}};
    if (security.jwt) schemes[kBearer]["bearerFormat"] = "JWT";
  }
  if (security.certificates != ClientCertificates::kNone) schemes[kCertificate] = {{"type", "mutualTLS"}};
  return schemes;
}

Json security_ways(const OpenApiSecurity& security) {
  Json both = Json::object(), ways = Json::array();
  if (security.token) both[kBearer] = Json::array();
  if (security.certificates == ClientCertificates::kRequired) both[kCertificate] = Json::array();
  ways.push_back(std::move(both));
  if (security.certificates == ClientCertificates::kOptional) ways.push_back({{kCertificate, Json::array()}});
  return ways;
}

}  // namespace eddy::host
