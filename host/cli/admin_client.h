// SPDX-License-Identifier: Apache-2.0
// A running host, asked over its admin listener.
#pragma once

#include <string>

#include "cli/command.h"
#include "http/client.h"

namespace eddy::host {

// Options of a command that asks a host.
struct AccessOptions {
  std::string admin;        // "host:port", "https://host:port"; empty: as the configuration says
  std::string token_file;   // empty: the variable EDDY_ADMIN_TOKEN, if it is set
  std::string ca;           // file, PEM: who may have signed the host's certificate
  std::string certificate;  // of the client, PEM
  std::string key;
};
void add_access(CLI::App& command, AccessOptions& options);

// How a host is reached.
struct HostAccess {
  HttpServer server;
  std::string token{};

  std::string url() const;  // "https://127.0.0.1:5001"
};

// Reads the configuration where the options do not say it. kUsage: no address, a file that cannot be read.
Result<HostAccess> access_of(const AccessOptions& options, const CommonOptions& common);

// One request, with a JSON `body` or none, and what it answers. kUnavailable when nobody answers, and says what to do;
// kConfig: a file of the client's TLS; its refusals are errors: kUsage for 400, 401, 403 and 413, kBadData for 404,
// kUnavailable for 429 and 503, else kRefused.
Result<Json> ask_json(const HostAccess& access, const std::string& method, const std::string& target,
                      const Json& body = nullptr);

// A member of an answer; what is no text is empty.
inline std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

}  // namespace eddy::host
