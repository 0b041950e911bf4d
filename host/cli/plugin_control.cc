// SPDX-License-Identifier: Apache-2.0
// eddy plugin ls, release, rollback: the plugins of a running host.
#include "base/percent.h"
#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands.h"

namespace eddy::host {

namespace {

struct ControlOptions {
  CommonOptions common;
  AccessOptions access;
  std::string plugin;
};

Result<Json> ask(const ControlOptions& options, const std::string& method, const std::string& target) {
  EDDY_ASSIGN(const HostAccess access, access_of(options.access, options.common));
  return ask_json(access, method, target);
}

std::string until_of(const Json& quarantine) {
  if (quarantine.is_null()) return "";
  return quarantine["until"].is_string() ? text_of(quarantine["until"]) : "by hand";
}

Result<int> list(const ControlOptions& options) {
  EDDY_ASSIGN(const Json json, ask(options, "GET", "/api/v1/plugins"));
  if (options.common.json) {
    print_json(json);
    return kExitDone;
  }
  Table table({"plugin", "version", "sha256", "state", "comes back", "reason"});
  for (const Json& plugin : json["plugins"]) {
    table.row({text_of(plugin["name"]), text_of(plugin["version"]), text_of(plugin["sha256"]).substr(0, 12),
               text_of(plugin["state"]), until_of(plugin["quarantine"]), text_of(plugin["reason"])});
  }
  print(table.text());
  return kExitDone;
}

Result<int> order(const ControlOptions& options, const std::string& what, const std::string& done) {
  EDDY_ASSIGN(const Json json, ask(options, "POST", "/api/v1/plugins/" + percent_encode(options.plugin) + "/" + what));
  if (options.common.json) {
    print_json(json);
  } else {
    print(options.plugin + ": " + done + "\n");
  }
  return kExitDone;
}

CLI::App* add_command(CLI::App& plugin, const std::string& name, const std::string& text, ControlOptions& options) {
  CLI::App* command = plugin.add_subcommand(name, text);
  add_access(*command, options.access);
  add_common(*command, options.common);
  return command;
}

}  // namespace

void add_plugin_control(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<ControlOptions>();
  const auto ended = [&line](const Result<int>& done) { line.exit_code = done ? *done : report(done.error()); };
  add_command(plugin, "ls", "The plugins of the running host, and what became of them", *options)
      ->callback([options, ended] { ended(list(*options)); });
  CLI::App* release = add_command(
      plugin, "release", "Bring a plugin back from quarantine, or try a build again that was rolled back", *options);
  release->add_option("plugin", options->plugin, "Its name")->required();
  release->callback([options, ended] { ended(order(*options, "release", "released")); });
  CLI::App* back = add_command(plugin, "rollback", "Go back to the version before", *options);
  back->add_option("plugin", options->plugin, "Its name")->required();
  back->callback([options, ended] { ended(order(*options, "rollback", "rolled back")); });
}

}  // namespace eddy::host
