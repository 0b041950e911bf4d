// SPDX-License-Identifier: Apache-2.0
// eddy token new: a bearer token for ingest APIs or for operators, and what the configuration is to know of it.
#include "cli/command.h"
#include "cli/commands.h"
#include "http/secret.h"

namespace eddy::host {

namespace {

struct TokenOptions {
  std::string name;
  std::vector<std::string> routes;
  bool admin = false;
  std::vector<std::string> rights;
  bool json = false;
};

int new_token(const TokenOptions& options) {
  const NewToken made = make_token();
  Json entry{{"name", options.name}, {"hash", made.hash}};
  if (options.admin) {
    entry["rights"] = options.rights.empty() ? AdminTokenSettings().rights : options.rights;
  } else {
    entry["routes"] = options.routes.empty() ? TokenSettings().routes : options.routes;
  }
  if (options.json) {
    print_json({{"token", made.token}, {"entry", entry}});
    return kExitDone;
  }
  print("token, shown this once: " + made.token + "\n\nfor " + (options.admin ? "admin" : "ingest") +
        ".tokens in the configuration:\n  - " + entry.dump() + "\n");
  return kExitDone;
}

}  // namespace

void add_token(CommandLine& line) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* token = line.app.add_subcommand("token", "Tokens for ingest APIs and for operators")->require_subcommand(1);
  CLI::App* command = token->add_subcommand("new", "Make a token, and the entry for the configuration");
  command->add_option("NAME", options->name, "Who is to use it, for the log and for limits")->required();
  auto* route =
      command->add_option("--route", options->routes, "A route it may use, or a glob; may be repeated (default: all)");
  auto* admin = command->add_flag("--admin", options->admin, "For the admin listener: an operator, a tool, a scraper")
                    ->excludes(route);
  command->add_option("--right", options->rights, "What it lets its holder do; may be repeated (default: view)")
      ->check(CLI::IsMember({"view", "operate", "reveal"}))
      ->needs(admin);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&line, options] { line.exit_code = new_token(*options); });
}

}  // namespace eddy::host
