// SPDX-License-Identifier: Apache-2.0
// eddy check: syntax, then plugins and topology, then what must be reachable.
#include "cli/command.h"
#include "cli/commands.h"
#include "runtime/bindings.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"

namespace eddy::host {

namespace {

struct CheckOptions {
  CommonOptions common;
  bool offline = false;
};

// One finding a line, with its fix in the text; the first stage that finds something decides the exit code.
class Findings {
 public:
  void add(const char* stage, const std::string& text, int code) {
    list_.push_back({{"stage", stage}, {"finding", text}});
    if (exit_code_ == kExitDone) exit_code_ = code;
  }
  int finish(bool json, std::size_t plugins) const {
    if (json) {
      print_json({{"ok", list_.empty()}, {"plugins", plugins}, {"findings", list_}});
    } else if (list_.empty()) {
      print("ok: " + std::to_string(plugins) + (plugins == 1 ? " plugin" : " plugins") + ", no findings\n");
    } else {
      for (const Json& finding : list_) {
        std::fprintf(stderr, "%s: %s\n", finding["stage"].get_ref<const std::string&>().c_str(),
                     finding["finding"].get_ref<const std::string&>().c_str());
      }
    }
    return exit_code_;
  }

 private:
  Json list_ = Json::array();
  int exit_code_ = kExitDone;
};

void check_store(const Settings& settings, Inventory& inventory, Findings& findings) {
  auto store = open_transport(settings, TransportUse::kTool);
  if (!store) return findings.add("store", store.error().text, exit_code(store.error()));
  const auto bindings = bind_functions(inventory.topology(), settings, 1, **store);
  if (!bindings) return findings.add("store", bindings.error().text, exit_code(bindings.error()));
  for (const auto& [name, error] : bindings->unbound) {
    findings.add("store", "function " + name + ": " + error.text, exit_code(error));
  }
}

int check(const CheckOptions& options) {
  Findings findings;
  const auto settings = load(options.common);
  if (!settings) return report(settings.error());
  auto inventory = open_inventory(*settings, false);
  if (!inventory) {
    findings.add("plugins", inventory.error().text, kExitConfig);
    return findings.finish(options.common.json, 0);
  }
  std::size_t running = 0;
  for (const PluginStatus& plugin : inventory->registry->statuses()) {
    if (plugin.state == PluginStatus::State::kRunning) {
      ++running;
    } else {
      findings.add("plugins", plugin.reason, kExitFailures);
    }
  }
  if (!options.offline) check_store(*settings, *inventory, findings);
  return findings.finish(options.common.json, running);
}

}  // namespace

void add_check(CommandLine& line) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = line.app.add_subcommand("check", "Check the configuration, the plugins and their topology");
  add_common(*command, options->common);
  command->add_flag("--offline", options->offline, "Leave out what must be reachable");
  command->callback([&line, options] { line.exit_code = check(*options); });
}

}  // namespace eddy::host
