// SPDX-License-Identifier: Apache-2.0
// eddy check: syntax, then plugins and topology, then what must be reachable. It makes nothing.
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>

#include "cli/check_kafka.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/dry_transport.h"
#include "dead_letter/queue_names.h"
#include "http/tls.h"
#include "runtime/bindings.h"
#include "runtime/feeds.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"
#include "settings/rules.h"
#include "table/table_sink.h"

namespace eddy::host {

namespace {

struct CheckOptions {
  CommonOptions common;
  bool offline = false;
};

// One finding a line, its fix with it; the first stage that finds an error decides the exit code.
class Findings {
 public:
  void add(const char* stage, const std::string& text, int code) { add(stage, text, "", Severity::kError, code); }
  void add(const char* stage, const std::string& text, const std::string& fix, Severity severity, int code) {
    const bool error = severity == Severity::kError;
    list_.push_back({{"stage", stage}, {"severity", error ? "error" : "warning"}, {"finding", text}, {"fix", fix}});
    if (error && exit_code_ == kExitDone) exit_code_ = code;
  }
  int finish(bool json, std::size_t plugins) const {
    if (json) {
      print_json({{"ok", exit_code_ == kExitDone}, {"plugins", plugins}, {"findings", list_}});
      return exit_code_;
    }
    for (const Json& finding : list_) std::fprintf(stderr, "%s\n", line(finding).c_str());
    if (exit_code_ == kExitDone) {
      print("ok: " + counted(plugins, "plugin") + ", " +
            (list_.empty() ? "no findings" : counted(list_.size(), "warning")) + "\n");
    }
    return exit_code_;
  }

 private:
  static std::string line(const Json& finding) {
    std::string text = finding["stage"].get<std::string>() + ": ";
    if (finding["severity"] == "warning") text += "warning: ";
    text += finding["finding"].get_ref<const std::string&>();
    const auto& fix = finding["fix"].get_ref<const std::string&>();
    return fix.empty() ? text : text + "; to do: " + fix;
  }
  static std::string counted(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
  }

  Json list_ = Json::array();
  int exit_code_ = kExitDone;
};

// Asks for every stream and binds every function, as the host would.
std::optional<Bindings> bind_dry(const Settings& settings, const Topology& topology, DryTransport& transport,
                                 Findings& findings) {
  auto bindings =
      bind_functions(topology, settings, 1, {}, IsolatedPlugins(settings.data_dir + "/isolated"), transport);
  if (!bindings) {
    findings.add("store", bindings.error().text, exit_code(bindings.error()));
    return std::nullopt;
  }
  for (const auto& [name, error] : bindings->unbound) {
    findings.add("store", "function " + name + ": " + error.text, exit_code(error));
  }
  return *std::move(bindings);
}

// The first folder on the way that is there.
std::filesystem::path existing_part(const std::string& data_dir) {
  std::error_code ignored;
  std::filesystem::path at = std::filesystem::absolute(data_dir, ignored);
  while (!std::filesystem::exists(at, ignored) && at.has_relative_path()) at = at.parent_path();
  return at;
}

Result<void> look_at(const FeedSpec& feed) {
  EDDY_ASSIGN(const auto sink, open_table(feed.url, feed.table));
  return sink->look();
}

// Nothing is said twice: of a database that is away not for each of its tables, of a table not for each of its feeds.
void check_tables(const Settings& settings, const Topology& topology, const Bindings& bindings, Findings& findings) {
  std::set<std::string> away, said;  // urls, texts
  for (const FeedName& name : feeds_of(topology, settings)) {
    if (name.letters && !queue_conflict(settings.queue(name.stream)).empty()) continue;  // check_queues() says it
    const auto feed = resolve_feed(name, topology, settings, bindings.streams);
    if (!feed) {
      findings.add("tables", feed.error().text, exit_code(feed.error()));
      continue;
    }
    if (away.contains(feed->url)) continue;
    const auto looked = look_at(*feed);
    if (looked) continue;
    if (looked.error().code == Code::kUnavailable) away.insert(feed->url);
    if (!said.insert(looked.error().text).second) continue;
    findings.add("tables", looked.error().text, exit_code(looked.error()));
  }
}

// The files of listeners, as the host reads them when it starts.
void check_listeners(const Settings& settings, Findings& findings) {
  const auto read = [&](const TlsSettings& tls, const char* where) {
    if (!tls.enabled()) return;
    if (const auto made = make_tls_context(tls, where); !made) {
      findings.add("listeners", made.error().text, exit_code(made.error()));
    }
  };
  read(settings.admin.tls, "admin.tls");
  if (!settings.ingest.listen.empty()) read(settings.ingest.tls, "ingest.tls");
}

void check_embedded(const Settings& settings, const Topology& topology, Findings& findings) {
  std::unique_ptr<Transport> store;
  if (std::filesystem::exists(settings.data_dir + "/eddy.db")) {
    auto open = open_transport(settings, TransportUse::kTool);
    if (!open) return findings.add("store", open.error().text, exit_code(open.error()));
    store = *std::move(open);
  } else if (const auto folder = existing_part(settings.data_dir); ::access(folder.c_str(), W_OK | X_OK) != 0) {
    return findings.add("store", "data_dir " + settings.data_dir + ": " + folder.string() + " cannot be written",
                        kExitUnavailable);
  }
  DryTransport dry(store.get());
  if (const auto bindings = bind_dry(settings, topology, dry, findings)) {
    check_tables(settings, topology, *bindings, findings);
  }
}

void check_cluster(const Settings& settings, const Topology& topology, Findings& findings) {
  const auto options = kafka_options(settings, TransportUse::kTool);
  if (!options) return findings.add("kafka", options.error().text, exit_code(options.error()));
  DryTransport dry(nullptr);
  const auto bindings = bind_dry(settings, topology, dry, findings);
  if (!bindings) return;
  for (const KafkaFinding& finding : check_kafka(*options, kafka_use(topology, *bindings, dry.wanted()))) {
    findings.add("kafka", finding.what, finding.fix, finding.severity, exit_code({finding.code, {}}));
  }
  check_tables(settings, topology, *bindings, findings);
}

// Two globs may meet in a queue's name alone: then the file says nothing wrong, and its queue is.
void check_queues(const Settings& settings, const Topology& topology, Findings& findings) {
  for (const auto& [name, stream] : topology.streams) {
    if (!stream.queue || base_queue(name) != name) continue;  // a parked queue is set as its queue is
    const std::string conflict = queue_conflict(settings.queue(name));
    if (!conflict.empty()) findings.add("settings", "dead_letter_queues." + name + "." + conflict, kExitConfig);
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
  check_queues(*settings, inventory->topology(), findings);
  if (!options.offline) {
    check_listeners(*settings, findings);
    const bool kafka = settings->transport == TransportKind::kKafka;
    kafka ? check_cluster(*settings, inventory->topology(), findings)
          : check_embedded(*settings, inventory->topology(), findings);
  }
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
