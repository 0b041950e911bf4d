// SPDX-License-Identifier: Apache-2.0
// eddy dlq ls, groups, letters
#include "base/encoding.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/triage_tool.h"
#include "runtime/host_view.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

struct ListOptions {
  CommonOptions common;
  FilterOptions filter;
  std::string queue;
  Page page;
};

std::string short_time(std::int64_t us) { return us == 0 ? "" : to_rfc3339(us).substr(0, 19); }
std::string count_of(const CountsByState& letters, LetterState state) {
  return std::to_string(letters[static_cast<std::size_t>(state)]);
}

// Queues as the plugins declare them, and what each holds. Empty ones count: an operator looks for them too. `waiting`:
// what functions over the queue have still to pass.
Result<int> list_queues(const CommonOptions& options) {
  EDDY_ASSIGN(const TriageTool tool, open_triage_tool(options));
  EDDY_ASSIGN(const auto queues, tool.index->queues());
  Json list = Json::array();
  Table table({"queue", "open", "parked", "redriven", "recovered", "discarded", "groups", "waiting", "oldest open"});
  for (const QueueSummary& queue : queues) {
    EDDY_ASSIGN(const QueueDepth depth, queue_depth(queue.queue, tool.inventory.topology(), *tool.transport));
    Json json = to_json(queue);
    json["waiting"] = depth.letters;
    list.push_back(std::move(json));
    const auto count = [&](LetterState state) { return count_of(queue.letters, state); };
    table.row({queue.queue, count(LetterState::kOpen), count(LetterState::kParked), count(LetterState::kRedriven),
               count(LetterState::kRecovered), count(LetterState::kDiscarded), std::to_string(queue.groups),
               std::to_string(depth.letters), short_time(queue.oldest_open_us)});
  }
  options.json ? print_json({{"queues", std::move(list)}}) : print(table.text());
  return kExitDone;
}

void print_next(const std::string& next) {
  if (!next.empty()) print("more: --after '" + next + "'\n");
}

void print_groups(const GroupPage& page) {
  Table table({"group", "count", "type", "function", "first seen", "last seen", "message"});
  for (const LetterGroup& group : page.groups) {
    table.row({group.fingerprint, std::to_string(group.count), group.error_type,
               group.functions.empty() ? "" : group.functions.front(), short_time(group.first_us),
               short_time(group.last_us), group.error_message.substr(0, 80)});
  }
  print(table.text());
  if (page.total > page.groups.size()) print(std::to_string(page.total) + " groups in all\n");
  print_next(page.next);
}

Result<int> list_groups(const ListOptions& options) {
  EDDY_ASSIGN(LetterFilter filter, filter_of(options.filter));
  EDDY_ASSIGN(const TriageTool tool, open_triage_tool(options.common, options.queue));
  EDDY_TRY(note_match(options.filter, tool.settings, "eddy dlq groups", options.queue));
  std::string queue = options.queue;
  resolve_parked(queue, filter);
  EDDY_ASSIGN(const GroupPage page, tool.index->groups(queue, filter, options.page));
  options.common.json ? print_json(to_json(page)) : print_groups(page);
  return kExitDone;
}

void print_letters(const LetterPage& page) {
  Table table({"id", "state", "failed at", "type", "function", "stream", "partition", "offset", "message"});
  for (const LetterRow& letter : page.letters) {
    table.row({letter.place.id, std::string(name_of(letter.state)), short_time(letter.failed_us), letter.error_type,
               letter.function, letter.place.queue, std::to_string(letter.place.partition),
               std::to_string(letter.place.offset), letter.error_message.substr(0, 60)});
  }
  print(table.text());
  print_next(page.next);
}

Result<int> list_letters(const ListOptions& options) {
  EDDY_ASSIGN(LetterFilter filter, filter_of(options.filter));
  EDDY_ASSIGN(const TriageTool tool, open_triage_tool(options.common, options.queue));
  EDDY_TRY(note_match(options.filter, tool.settings, "eddy dlq letters", options.queue));
  std::string queue = options.queue;
  resolve_parked(queue, filter);
  EDDY_ASSIGN(const LetterPage page, tool.index->letters(queue, filter, options.page));
  options.common.json ? print_json(to_json(page)) : print_letters(page);
  return kExitDone;
}

void add_listing(CommandLine& line, CLI::App& dlq, const char* name, const char* text,
                 Result<int> (*run)(const ListOptions&)) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = dlq.add_subcommand(name, text);
  command->add_option("queue", options->queue, "Queue; <queue>.parked for what has failed too often")->required();
  command->add_option("--limit", options->page.limit, "How many (default 100)")->check(CLI::Range(1, 100'000));
  command->add_option("--after", options->page.after, "Go on where a listing ended: its `next`");
  add_filter(*command, options->filter);
  add_reveal(*command, options->filter);
  add_common(*command, options->common);
  command->callback([&line, options, run] {
    const auto done = run(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace

void add_dlq(CommandLine& line) {
  CLI::App* dlq = line.app.add_subcommand("dlq", "Look at dead letters, which never consumes them, and close them");
  dlq->require_subcommand(1);
  auto common = std::make_shared<CommonOptions>();
  CLI::App* ls = dlq->add_subcommand("ls", "Queues, with how many letters they hold by state");
  add_common(*ls, *common);
  ls->callback([&line, common] {
    const auto done = list_queues(*common);
    line.exit_code = done ? *done : report(done.error());
  });
  add_listing(line, *dlq, "groups", "Causes, most letters first", list_groups);
  add_listing(line, *dlq, "letters", "Letters, newest first", list_letters);
  add_dlq_show(line, *dlq);
  add_dlq_export(line, *dlq);
  add_dlq_discard(line, *dlq);
  add_dlq_redrive(line, *dlq);
}

}  // namespace eddy::host
