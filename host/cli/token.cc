// SPDX-License-Identifier: Apache-2.0
// eddy token new: a bearer token for ingest APIs, and what the configuration is to know of it.
#include "ingest/token.h"

#include "cli/command.h"
#include "cli/commands.h"

namespace eddy::host {

namespace {

struct TokenOptions {
  std::string name;
  std::vector<std::string> routes;
  bool json = false;
};

int new_token(const TokenOptions& options) {
  const NewToken made = make_token();
  TokenSettings settings;
  const std::vector<std::string>& routes = options.routes.empty() ? settings.routes : options.routes;
  const Json entry{{"name", options.name}, {"hash", made.hash}, {"routes", routes}};
  if (options.json) {
    print_json({{"token", made.token}, {"entry", entry}});
    return kExitDone;
  }
  print("token, shown this once: " + made.token + "\n\nfor ingest.tokens in the configuration:\n  - " + entry.dump() +
        "\n");
  return kExitDone;
}

}  // namespace

void add_token(CommandLine& line) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* token = line.app.add_subcommand("token", "Tokens for ingest APIs")->require_subcommand(1);
  CLI::App* command = token->add_subcommand("new", "Make a token, and the entry for the configuration");
  command->add_option("NAME", options->name, "Who is to use it, for the log and for limits")->required();
  command->add_option("--route", options->routes, "A route it may use, or a glob; may be repeated (default: all)");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&line, options] { line.exit_code = new_token(*options); });
}

}  // namespace eddy::host
