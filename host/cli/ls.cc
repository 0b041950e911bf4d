// SPDX-License-Identifier: Apache-2.0
// eddy ls
#include <algorithm>

#include "cli/command.h"
#include "cli/commands.h"
#include "runtime/inventory.h"
#include "runtime/listings.h"

namespace eddy::host {

namespace {

Json plugins(const Inventory& inventory) {
  Json list = Json::array();
  for (const PluginStatus& plugin : inventory.registry->statuses()) {
    const bool running = plugin.state == PluginStatus::State::kRunning;
    list.push_back({{"plugin", plugin.identity.name},
                    {"version", plugin.identity.version},
                    {"file", plugin.file},
                    {"state", running ? "running" : "refused"},
                    {"signed_by", signer_json(plugin.identity.signer)},
                    {"reason", plugin.reason}});
  }
  return list;
}

Json apis(const Inventory& inventory, const Settings& settings) {
  Json list = Json::array();
  const IngestSettings& ingest = settings.ingest;
  const std::string begin = ingest.listen.empty()  ? ""
                            : ingest.tls.enabled() ? "https://" + ingest.listen
                                                   : "http://" + ingest.listen;
  for (const auto& [route, api] : inventory.topology().ingest_apis) {
    list.push_back({{"api", route},
                    {"url", begin.empty() ? "(ingest.listen is empty)" : begin + "/ingest/" + route},
                    {"stream", api.destination},
                    {"dead_letter_queue", api.dead_letter_queue.empty() ? kDefaultQueue : api.dead_letter_queue}});
  }
  return list;
}

std::string cell(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void print_table(const Json& rows, const std::vector<std::string>& columns) {
  if (rows.empty()) return;
  std::vector<std::string> header = columns;
  std::replace(header.begin(), header.end(), std::string("dead_lettered"), std::string("dead-lettered"));
  Table table(std::move(header));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(cell(row.at(column)));
    table.row(std::move(cells));
  }
  print(table.text() + "\n");
}

int ls(const CommonOptions& options) {
  const auto settings = load(options);
  if (!settings) return report(settings.error());
  const auto inventory = open_inventory(*settings, true);
  if (!inventory) return report(inventory.error());
  auto all_streams = list_streams(inventory->topology(), *inventory->transport);
  if (!all_streams) return report(all_streams.error());
  const Json all{{"plugins", plugins(*inventory)},
                 {"functions", list_functions(inventory->topology(), *inventory->transport)},
                 {"streams", *std::move(all_streams)},
                 {"tables", list_tables(inventory->topology(), *settings, *inventory->transport)},
                 {"apis", apis(*inventory, *settings)},
                 {"admin", (settings->admin.tls.enabled() ? "https://" : "http://") + settings->admin.listen}};
  if (options.json) {
    print_json(all);
    return kExitDone;
  }
  print_table(all["plugins"], {"plugin", "version", "state", "file", "reason"});
  print_table(all["functions"], {"function", "kind", "source", "destination", "delivered", "filtered", "dead_lettered",
                                 "retrying", "lag"});
  print_table(all["streams"], {"stream", "kind", "partitions", "records", "bytes"});
  print_table(all["tables"], {"table", "stream", "database", "written", "skipped", "refused", "lag"});
  print_table(all["apis"], {"api", "url", "stream", "dead_letter_queue"});
  print("admin: " + all["admin"].get<std::string>() + "\n");
  return kExitDone;
}

}  // namespace

void add_ls(CommandLine& line) {
  auto options = std::make_shared<CommonOptions>();
  CLI::App* command = line.app.add_subcommand("ls", "List plugins, functions, streams, queues, tables and addresses");
  add_common(*command, *options);
  command->callback([&line, options] { line.exit_code = ls(*options); });
}

}  // namespace eddy::host
