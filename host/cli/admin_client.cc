// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "settings/address.h"

namespace eddy::host {

namespace {

constexpr const char* kTokenVariable = "EDDY_ADMIN_TOKEN";
constexpr std::chrono::seconds kPatience{30};
constexpr std::string_view kHttp = "http://", kHttps = "https://";

Result<std::string> token_of(const AccessOptions& options) {
  if (options.token_file.empty()) {
    const char* given = std::getenv(kTokenVariable);
    return std::string(given != nullptr ? given : "");
  }
  std::ifstream file(options.token_file);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Error{Code::kUsage, "--token-file " + options.token_file + ": cannot be read"};
  const std::string all = text.str();
  const std::size_t begin = all.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return Error{Code::kUsage, "--token-file " + options.token_file + ": it is empty"};
  std::string token = all.substr(begin, all.find_last_not_of(" \t\r\n") + 1 - begin);
  if (token.find_first_of(" \t\r\n") != std::string::npos) {
    return Error{Code::kUsage, "--token-file " + options.token_file + ": expected one token, found more than one word"};
  }
  return token;
}

Result<void> set_address(HostAccess& access, std::string_view text) {
  auto parsed = parse_listen(text);
  if (!parsed) return Error{Code::kUsage, "the host's address: " + parsed.error().text};
  access.server.host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  access.server.port = std::to_string(parsed->port);
  return {};
}

// The one that the configuration is of, on this machine.
Result<void> use_settings(HostAccess& access, const CommonOptions& common) {
  EDDY_ASSIGN(const Settings settings, load(common));
  EDDY_TRY(set_address(access, settings.admin.listen));
  HttpServer& server = access.server;
  if (server.host == "0.0.0.0") server.host = "127.0.0.1";
  if (server.host == "::") server.host = "::1";
  server.secure = settings.admin.tls.enabled();
  server.tls.pinned = server.secure && server.tls.ca_file.empty();
  if (server.tls.pinned) server.tls.ca_file = settings.admin.tls.certificate;
  return {};
}

Result<HttpAnswer> exchange(const HostAccess& access, const std::string& method, const std::string& target,
                            const std::string& body) {
  HttpHeaders headers{{"Connection", "close"}, {"X-Eddy-Request", "eddy"}};
  if (!access.token.empty()) headers.emplace_back("Authorization", "Bearer " + access.token);
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  auto answer = HttpClient(access.server, kPatience).ask(method, target, headers, body);
  if (answer || answer.error().code != Code::kUnavailable) return answer;
  return Error{Code::kUnavailable, "no host answers at " + access.url() + ": " + answer.error().text +
                                       "; start it with `eddy run`, or give its address with --admin"};
}

Code code_of(unsigned status) {
  switch (status) {
    case 400:
    case 401:
    case 403:
    case 413:
      return Code::kUsage;
    case 404:
      return Code::kBadData;
    case 429:
    case 503:
      return Code::kUnavailable;
    default:
      return Code::kRefused;
  }
}

}  // namespace

void add_access(CLI::App& command, AccessOptions& options) {
  command.add_option("--admin", options.admin,
                     "Address of the host's admin listener: host:port or https://host:port (default: admin.listen)");
  command.add_option("--token-file", options.token_file,
                     "File with a token for it (default: the variable EDDY_ADMIN_TOKEN)");
  command.add_option(
      "--ca", options.ca,
      "File of the authorities that sign its certificate, PEM (default: with --admin those of the system, "
      "else its own certificate)");
  auto* certificate = command.add_option("--certificate", options.certificate, "File of a client certificate, PEM");
  command.add_option("--key", options.key, "File of its private key, PEM")->needs(certificate);
}

std::string HostAccess::url() const { return std::string(server.secure ? kHttps : kHttp) + server.authority(); }

Result<HostAccess> access_of(const AccessOptions& options, const CommonOptions& common) {
  HostAccess access;
  access.server.tls = {.ca_file = options.ca,
                       .certificate = options.certificate,
                       .key = options.key.empty() ? options.certificate : options.key};
  EDDY_ASSIGN(access.token, token_of(options));
  if (options.admin.empty()) {
    EDDY_TRY(use_settings(access, common));
    return access;
  }
  std::string_view address = options.admin;
  access.server.secure = address.starts_with(kHttps);
  if (access.server.secure) address.remove_prefix(kHttps.size());
  if (address.starts_with(kHttp)) address.remove_prefix(kHttp.size());
  if (address.ends_with('/')) address.remove_suffix(1);
  EDDY_TRY(set_address(access, address));
  return access;
}

Result<Json> ask_json(const HostAccess& access, const std::string& method, const std::string& target,
                      const Json& body) {
  EDDY_ASSIGN(const HttpAnswer answer, exchange(access, method, target, body.is_null() ? "" : body.dump()));
  Json json = Json::parse(answer.body, nullptr, false);
  if (answer.status < 300 && !json.is_discarded()) return json;
  std::string text = json.is_object() && json.contains("error") && json["error"].is_string()
                         ? json["error"].get<std::string>()
                         : "the host answers: " + answer.body;
  if (answer.status == 401) text += "; give a token with --token-file or the variable EDDY_ADMIN_TOKEN";
  return Error{code_of(answer.status), std::move(text)};
}

}  // namespace eddy::host
