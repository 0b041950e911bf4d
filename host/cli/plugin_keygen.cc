// SPDX-License-Identifier: Apache-2.0
// eddy plugin keygen: a pair of keys, to sign plugins with and to trust.
#include <filesystem>

#include "cli/command.h"
#include "cli/commands.h"
#include "plugin/key_file.h"
#include "plugin/note.h"

namespace eddy::host {

namespace {

struct KeygenOptions {
  std::string base;
  bool json = false;
};

Result<int> keygen(const KeygenOptions& options) {
  const std::string name = std::filesystem::path(options.base).filename().string();
  if (!is_name(name)) {
    return Error{Code::kUsage, "expected a name of letters, digits, '_', '.' and '-', found \"" + name + "\""};
  }
  const SecretKey key = SecretKey::generate(name);
  EDDY_TRY(write_key_pair(options.base, key));
  const PublicKey open = key.public_key();
  if (options.json) {
    print_json({{"key", open.id()},
                {"name", name},
                {"secret_file", options.base + ".key"},
                {"public_file", options.base + ".pub"},
                {"public_key", open.text()}});
    return kExitDone;
  }
  print("key " + open.id() + " (" + name + ")\n" + options.base +
        ".key: signs; keep it secret, and a copy of it safe\n" + options.base +
        ".pub: for plugins.trusted_keys in the configuration, or its one line:\n  - " + Json(open.text()).dump() +
        "\n");
  return kExitDone;
}

}  // namespace

void add_plugin_keygen(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<KeygenOptions>();
  CLI::App* command = plugin.add_subcommand("keygen", "Make a pair of keys: NAME.key signs, NAME.pub is trusted");
  command->add_option("NAME", options->base, "Name of the key, with a folder before it or without")->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&line, options] {
    const auto done = keygen(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
