// SPDX-License-Identifier: Apache-2.0
// eddy dlq discard: closes letters, after saying which.
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "base/clock.h"
#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/triage_tool.h"
#include "runtime/triage.h"
#include "triage/discard.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

constexpr std::size_t kGroupsShown = 20;

struct DiscardOptions {
  CommonOptions common;
  FilterOptions filter;
  std::string queue, reason;
  bool dry_run = false, yes = false;
};

// What would be discarded.
struct Plan {
  std::string queue;
  LetterFilter filter;
  std::vector<LetterPlace> letters;
  GroupPage groups;
};

std::string sum_of(const Plan& plan) {
  return std::to_string(plan.letters.size()) + " letters in " + std::to_string(plan.groups.total) + " groups of " +
         plan.queue;
}

void print_plan(const Plan& plan) {
  Table table({"group", "count", "type", "message"});
  for (const LetterGroup& group : plan.groups.groups) {
    table.row({group.fingerprint, std::to_string(group.count), group.error_type, group.error_message.substr(0, 80)});
  }
  print(table.text());
  if (!plan.groups.next.empty()) print("and more groups, with fewer letters each\n");
}

Json plan_json(const Plan& plan, const DiscardOptions& options) {
  return {{"queue", plan.queue},
          {"filter", to_json(plan.filter)},
          {"reason", options.reason},
          {"selected", plan.letters.size()},
          {"groups", to_json(plan.groups)["groups"]},
          {"dry_run", options.dry_run},
          {"discarded", options.dry_run ? 0 : plan.letters.size()}};
}

Result<Plan> make_plan(TriageTool& tool, const DiscardOptions& options) {
  Plan plan;
  plan.queue = options.queue;
  EDDY_ASSIGN(plan.filter, filter_of(options.filter));
  EDDY_TRY(note_match(options.filter, tool.settings, "eddy dlq discard", plan.queue));
  resolve_parked(plan.queue, plan.filter);
  EDDY_ASSIGN(plan.letters, tool.index->select(plan.queue, plan.filter));
  EDDY_ASSIGN(plan.groups, tool.index->groups(plan.queue, plan.filter, {.limit = kGroupsShown}));
  return plan;
}

// False: the operator has said no.
Result<bool> confirm(const DiscardOptions& options, const Plan& plan) {
  if (options.yes) return true;
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{Code::kUsage, "nobody is there to be asked whether to discard " + sum_of(plan) +
                                   ": give --yes, or --dry-run to see which"};
  }
  std::fprintf(stderr, "discard %s? [y/N] ", sum_of(plan).c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<void> close(TriageTool& tool, const Plan& plan, const std::string& reason) {
  const Json parameters{{"queue", plan.queue}, {"filter", without_values(to_json(plan.filter))}, {"reason", reason}};
  auto done = audited(tool.settings, "eddy dlq discard", parameters, [&]() -> Result<std::string> {
    EDDY_ASSIGN([[maybe_unused]] const StreamId states, open_state_stream(tool.settings, *tool.transport));
    EDDY_TRY(discard_letters(*tool.transport, plan.letters, {plan.queue, user_name(), reason, SystemClock().now_us()}));
    return sum_of(plan);
  });
  return done ? Result<void>() : done.take_error();
}

Result<int> discard(const DiscardOptions& options) {
  EDDY_ASSIGN(TriageTool tool, open_triage_tool(options.common, options.queue));
  EDDY_ASSIGN(const Plan plan, make_plan(tool, options));
  if (!options.common.json) print_plan(plan);
  if (!options.dry_run && !plan.letters.empty()) {
    EDDY_ASSIGN(const bool yes, confirm(options, plan));
    if (!yes) return kExitFailures;
    EDDY_TRY(close(tool, plan, options.reason));
  }
  if (options.common.json) {
    print_json(plan_json(plan, options));
  } else {
    print((options.dry_run ? "would discard " : "discarded ") + sum_of(plan) + "\n");
  }
  return kExitDone;
}

}  // namespace

void add_dlq_discard(CommandLine& line, CLI::App& dlq) {
  auto options = std::make_shared<DiscardOptions>();
  CLI::App* command = dlq.add_subcommand("discard", "Close letters for which nothing else is to be done");
  command->add_option("queue", options->queue, "Queue; <queue>.parked for what has failed too often")->required();
  command->add_option("--reason", options->reason, "Why; shown with each letter")->required();
  command->add_flag("--dry-run", options->dry_run, "Say which, and do nothing");
  command->add_flag("--yes,-y", options->yes, "Do not ask");
  add_filter(*command, options->filter);
  add_reveal(*command, options->filter);
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = discard(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
