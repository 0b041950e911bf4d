// SPDX-License-Identifier: Apache-2.0
// eddy dlq ls, groups, show
#include "base/encoding.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "runtime/host_view.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"
#include "runtime/triage.h"

namespace eddy::host {

namespace {

// Queues as the plugins declare them, and what each holds. Empty ones count: an operator looks for them too.
Result<int> list_queues(const CommonOptions& options) {
  EDDY_ASSIGN(const Settings settings, load(options));
  EDDY_ASSIGN(const Inventory inventory, open_inventory(settings, true));
  EDDY_ASSIGN(const auto streams, inventory.transport->list_streams());
  Json list = Json::array();
  Table table({"queue", "letters", "open", "oldest"});
  for (const StreamInfo& stream : streams) {
    const auto declared = inventory.topology().streams.find(stream.name);
    if (declared == inventory.topology().streams.end() || !declared->second.queue) continue;
    EDDY_ASSIGN(const QueueDepth depth, queue_depth(stream.name, inventory.topology(), *inventory.transport));
    const std::string oldest = depth.oldest_us == 0 ? "" : to_rfc3339(depth.oldest_us);
    list.push_back({{"queue", stream.name}, {"letters", stream.records}, {"open", depth.letters}, {"oldest", oldest}});
    table.row({stream.name, std::to_string(stream.records), std::to_string(depth.letters), oldest});
  }
  options.json ? print_json(list) : print(table.text());
  return kExitDone;
}

Result<int> list_groups(const CommonOptions& options, const std::string& queue) {
  EDDY_ASSIGN(const Settings settings, load(options));
  EDDY_ASSIGN(const auto transport, open_transport(settings, TransportUse::kTool));
  EDDY_ASSIGN(const StreamId id, transport->find_stream(queue));
  static_cast<void>(id);
  EDDY_ASSIGN(const auto groups, group_letters(*transport, queue));
  Json list = Json::array();
  Table table({"group", "count", "type", "function", "first seen", "last seen", "message"});
  for (const LetterGroup& group : groups) {
    const std::string first = to_rfc3339(group.first_us), last = to_rfc3339(group.last_us);
    list.push_back({{"group", group.fingerprint},
                    {"count", group.count},
                    {"error_type", group.error_type},
                    {"error_message", group.error_message},
                    {"source", group.source},
                    {"function", group.function},
                    {"plugin_version", group.plugin_version},
                    {"first_seen", first},
                    {"last_seen", last},
                    {"sample_id", group.sample_id}});
    table.row({group.fingerprint, std::to_string(group.count), group.error_type, group.function, first.substr(0, 19),
               last.substr(0, 19), group.error_message.substr(0, 80)});
  }
  options.json ? print_json(list) : print(table.text());
  return kExitDone;
}

Json letter_json(const Record& record, const DeadLetter& letter, const std::string& queue) {
  Json json{{"id", letter.id},
            {"queue", queue},
            {"partition", record.partition},
            {"offset", record.offset},
            {"fingerprint", letter.fingerprint},
            {"error_type", letter.error_type},
            {"error_message", letter.error_message},
            {"failed_at", to_rfc3339(letter.failed_at_us)},
            {"source", letter.source},
            {"function", letter.function},
            {"plugin",
             {{"name", letter.plugin},
              {"version", letter.plugin_version},
              {"build_id", letter.plugin_build_id},
              {"sha256", letter.plugin_sha256}}},
            {"attempts", letter.attempts},
            {"hops", letter.hops},
            {"digest", letter.digest}};
  if (letter.source == "api") {
    json["origin"] = {{"route", letter.route}, {"request_id", letter.request_id}};
  } else {
    json["origin"] = {{"stream", letter.origin_stream},
                      {"partition", letter.origin_partition},
                      {"offset", letter.origin_offset},
                      {"timestamp", to_rfc3339(letter.origin_timestamp_us)}};
  }
  if (!letter.fault_json.empty()) json["fault"] = Json::parse(letter.fault_json, nullptr, false);
  json["key"] = json_of(letter.key);
  json["headers"] = Json::array();
  for (const Header& header : letter.headers) {
    json["headers"].push_back({{"name", json_of(header.name)}, {"value", json_of(header.value)}});
  }
  json["original"] = json_of(letter.original);
  json["truncated"] = letter.truncated;
  return json;
}

void print_frames(const Json& fault) {
  print("\nfault: " + fault.value("signal", "") + " at " + fault.value("address", "") + "\n");
  for (const Json& frame : fault.value("frames", Json::array()))
    print("  " + (frame.is_string() ? frame.get<std::string>() : frame.dump()) + "\n");
}

void print_letter(const Json& json, const DeadLetter& letter) {
  Table table({"field", "value"});
  for (const auto& [name, value] : json.items()) {
    if (name == "original" || name == "fault") continue;
    table.row({name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  print(table.text());
  if (json.contains("fault")) print_frames(json["fault"]);
  print("\noriginal:\n");
  print(letter.original.null() ? "(null)" : letter.original.view());
  print("\n");
}

enum class ShowAs { kText, kJson, kOriginal };

// The newest letter with this id, or with an id that begins like this.
Result<int> show(const CommonOptions& options, const std::string& wanted, bool original) {
  EDDY_ASSIGN(const Settings settings, load(options));
  EDDY_ASSIGN(const auto transport, open_transport(settings, TransportUse::kTool));
  EDDY_ASSIGN(const auto streams, transport->list_streams());
  const ShowAs as = original ? ShowAs::kOriginal : options.json ? ShowAs::kJson : ShowAs::kText;
  LetterPlace place;
  std::uint64_t found = 0;
  std::string ids;
  for (const StreamInfo& stream : streams) {
    const auto visit = [&](const Record& record, const DeadLetter& letter) {
      if (!letter.id.starts_with(wanted)) return true;
      if (letter.id != ids) ++found;
      ids = letter.id;
      place = {stream.name, record.partition, record.offset};
      return true;
    };
    EDDY_ASSIGN(const auto strangers, visit_letters(*transport, stream.name, visit));
    static_cast<void>(strangers);
  }
  if (found == 0) return Error{Code::kBadData, "no dead letter has an id that begins with " + wanted};
  if (found > 1)
    return Error{Code::kBadData,
                 "more than one dead letter has an id that begins with " + wanted + "; give more of it"};
  EDDY_ASSIGN(const auto browser, transport->open_browser(place.queue));
  EDDY_ASSIGN(const auto records, browser->read(place.partition, place.offset, 1));
  LetterReader reader;
  if (records.empty())
    return Error{Code::kBadData, "the dead letter " + wanted + " has gone: its retention has passed"};
  EDDY_ASSIGN(const DeadLetter* letter, reader.read(records.front()));
  if (as == ShowAs::kOriginal) {
    print(letter->original.view());
    return kExitDone;
  }
  const Json json = letter_json(records.front(), *letter, place.queue);
  as == ShowAs::kJson ? print_json(json) : print_letter(json, *letter);
  return kExitDone;
}

}  // namespace

void add_dlq(CommandLine& line) {
  CLI::App* dlq = line.app.add_subcommand("dlq", "Look at dead letters; looking never consumes");
  dlq->require_subcommand(1);
  auto common = std::make_shared<CommonOptions>();
  auto text = std::make_shared<std::string>();
  auto original = std::make_shared<bool>(false);
  const auto end = [&line](const Result<int>& done) { line.exit_code = done ? *done : report(done.error()); };

  CLI::App* ls = dlq->add_subcommand("ls", "Queues, with how many letters they hold and how many are open");
  add_common(*ls, *common);
  ls->callback([=] { end(list_queues(*common)); });

  CLI::App* groups = dlq->add_subcommand("groups", "Causes, with count, first and last seen");
  groups->add_option("queue", *text, "Queue")->required();
  add_common(*groups, *common);
  groups->callback([=] { end(list_groups(*common, *text)); });

  CLI::App* one = dlq->add_subcommand("show", "One letter whole");
  one->add_option("id", *text, "Its id, or the beginning of it")->required();
  one->add_flag("--original", *original, "Only the original's exact bytes");
  add_common(*one, *common);
  one->callback([=] { end(show(*common, *text, *original)); });
}

}  // namespace eddy::host
