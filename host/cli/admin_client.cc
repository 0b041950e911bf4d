// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/admin_exchange.h"
#include "settings/address.h"

namespace eddy::host {

namespace {

constexpr const char* kTokenVariable = "EDDY_ADMIN_TOKEN";
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
  access.host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  access.port = std::to_string(parsed->port);
  return {};
}

// The one that the configuration is of, on this machine.
Result<void> use_settings(HostAccess& access, const CommonOptions& common) {
  EDDY_ASSIGN(const Settings settings, load(common));
  EDDY_TRY(set_address(access, settings.admin.listen));
  if (access.host == "0.0.0.0") access.host = "127.0.0.1";
  if (access.host == "::") access.host = "::1";
  access.tls = settings.admin.tls.enabled();
  access.pinned = access.tls && access.ca.empty();
  if (access.pinned) access.ca = settings.admin.tls.certificate;
  return {};
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

std::string HostAccess::url() const {
  const bool six = host.find(':') != std::string::npos;
  return std::string(tls ? kHttps : kHttp) + (six ? "[" + host + "]" : host) + ":" + port;
}

Result<HostAccess> access_of(const AccessOptions& options, const CommonOptions& common) {
  HostAccess access;
  access.ca = options.ca;
  access.certificate = options.certificate;
  access.key = options.key.empty() ? options.certificate : options.key;
  EDDY_ASSIGN(access.token, token_of(options));
  if (options.admin.empty()) {
    EDDY_TRY(use_settings(access, common));
    return access;
  }
  std::string_view address = options.admin;
  access.tls = address.starts_with(kHttps);
  if (access.tls) address.remove_prefix(kHttps.size());
  if (address.starts_with(kHttp)) address.remove_prefix(kHttp.size());
  if (address.ends_with('/')) address.remove_suffix(1);
  EDDY_TRY(set_address(access, address));
  return access;
}

Result<AdminAnswer> ask_host(const HostAccess& access, const std::string& method, const std::string& target,
                             const std::string& body) {
  return exchange(access, method, target, body);
}

Result<Json> ask_json(const HostAccess& access, const std::string& method, const std::string& target,
                      const Json& body) {
  EDDY_ASSIGN(const AdminAnswer answer, ask_host(access, method, target, body.is_null() ? "" : body.dump()));
  Json json = Json::parse(answer.body, nullptr, false);
  if (answer.status < 300 && !json.is_discarded()) return json;
  std::string text = json.is_object() && json.contains("error") && json["error"].is_string()
                         ? json["error"].get<std::string>()
                         : "the host answers: " + answer.body;
  if (answer.status == 401) text += "; give a token with --token-file or the variable EDDY_ADMIN_TOKEN";
  return Error{code_of(answer.status), std::move(text)};
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace eddy::host
