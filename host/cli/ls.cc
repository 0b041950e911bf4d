// SPDX-License-Identifier: Apache-2.0
// eddy ls
#include <algorithm>

#include "cli/command.h"
#include "cli/commands.h"
#include "function/runner.h"
#include "runtime/feeds.h"
#include "runtime/host_view.h"
#include "runtime/inventory.h"
#include "runtime/standing.h"
#include "settings/mask.h"

namespace eddy::host {

namespace {

const char* kind_name(std::uint32_t kind) {
  return kind == EDDY_FUNCTION_CONSUMER    ? "consumer"
         : kind == EDDY_FUNCTION_TRANSFORM ? "transform"
                                           : "multi-transform";
}

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

Json functions(const Inventory& inventory) {
  Json list = Json::array();
  for (const auto& [name, function] : inventory.topology().functions) {
    // A stream that was never created has no positions: nothing has been processed yet.
    const auto found = standing_of(*inventory.transport, name, function.decl->source);
    const Standing standing = found ? *found : Standing();
    const Tally tally = standing.tally();
    list.push_back({{"function", name},
                    {"kind", kind_name(function.decl->kind)},
                    {"source", function.decl->source},
                    {"destination", function.decl->destination},
                    {"dead_letter_queue", function.dead_letter_queue},
                    {"plugin", function.image->identity.name},
                    {"delivered", tally.delivered},
                    {"filtered", tally.filtered},
                    {"dead_lettered", tally.dead_lettered},
                    {"lag", standing.lag()},
                    {"retrying", standing.held() + standing.retry_lag()}});
  }
  return list;
}

Result<Json> streams(const Inventory& inventory) {
  EDDY_ASSIGN(const auto infos, inventory.transport->list_streams());
  Json list = Json::array();
  for (const StreamInfo& info : infos) {
    const auto known = inventory.topology().streams.find(info.name);
    const bool queue = known != inventory.topology().streams.end() && known->second.queue;
    Json stream{{"stream", info.name},           {"kind", queue ? "dead letter queue" : "stream"},
                {"partitions", info.partitions}, {"records", info.records},
                {"bytes", info.bytes},           {"retention_days", info.retention_days}};
    list.push_back(std::move(stream));
  }
  return list;
}

Json tables(const Inventory& inventory, const Settings& settings) {
  Json list = Json::array();
  for (const FeedName& feed : feeds_of(inventory.topology(), settings)) {
    const auto found = standing_of(*inventory.transport, feed.name(), feed.stream);
    const Standing standing = found ? *found : Standing();
    const Tally tally = standing.tally();
    list.push_back({{"table", feed.table},
                    {"stream", feed.stream},
                    {"database", mask_text(settings.table(feed.table).url)},
                    {"written", tally.delivered},
                    {"skipped", tally.filtered},
                    {"refused", tally.dead_lettered},
                    {"lag", standing.lag()}});
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
  auto all_streams = streams(*inventory);
  if (!all_streams) return report(all_streams.error());
  const Json all{{"plugins", plugins(*inventory)},      {"functions", functions(*inventory)},
                 {"streams", *std::move(all_streams)},  {"tables", tables(*inventory, *settings)},
                 {"apis", apis(*inventory, *settings)}, {"admin", "http://" + settings->admin_listen}};
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
