// SPDX-License-Identifier: Apache-2.0
// eddy dlq redrive, redrives: a running host sends dead letters back.
#include <chrono>
#include <thread>

#include "base/percent.h"
#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/filter_options.h"

namespace eddy::host {

namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

struct RedriveOptions {
  CommonOptions common;
  AccessOptions access;
  FilterOptions filter;
  std::string queue, to, id;
  std::uint32_t rate = 0;
  double max_refailure_ratio = 0.5;
  bool over_budget = false, dry_run = false, detach = false;
};

Result<Json> ask(const RedriveOptions& options, const std::string& method, const std::string& target,
                 const Json& body = nullptr) {
  EDDY_ASSIGN(const HostAccess access, access_of(options.access, options.common));
  return ask_json(access, method, target, body);
}

std::string number_of(const Json& value) { return std::to_string(value.get<std::uint64_t>()); }

bool is_over(const Json& redrive) {
  const std::string state = text_of(redrive["state"]);
  return state == "done" || state == "cancelled";
}

std::string progress_of(const Json& redrive) {
  std::string line = text_of(redrive["id"]) + "  " + text_of(redrive["state"]) + "  sent " +
                     number_of(redrive["sent"]) + " of " + number_of(redrive["selected"]);
  if (redrive["left_out"] > 0) line += ", left out " + number_of(redrive["left_out"]);
  if (redrive["to"].is_null()) {
    line += ", recovered " + number_of(redrive["recovered"]) + ", failed again " + number_of(redrive["failed_again"]);
  }
  if (!redrive["trouble"].is_null()) line += "; waiting: " + text_of(redrive["trouble"]);
  if (!redrive["reason"].is_null()) line += "; " + text_of(redrive["reason"]);
  return line + "\n";
}

std::string counts_of(const Json& counts, const std::string& before) {
  std::string text;
  for (const auto& [what, letters] : counts.items()) text += before + number_of(letters) + "  " + what + "\n";
  return text;
}

int print_plan(const RedriveOptions& options, const Json& plan) {
  if (options.common.json) {
    print_json(plan);
    return kExitDone;
  }
  print("would send, of " + number_of(plan["selected"]) + " letters:\n" + counts_of(plan["to"], "  "));
  if (!plan["left_out"].empty()) print("would leave out:\n" + counts_of(plan["left_out"], "  "));
  return kExitDone;
}

// Failures are told by the exit code, as of every command that ran and found some.
int print_end(const RedriveOptions& options, const Json& redrive) {
  if (options.common.json) {
    print_json(redrive);
  } else {
    print(counts_of(redrive["left_out_reasons"], "  left out: "));
  }
  const bool clean = redrive["state"] == "done" && redrive["failed_again"] == 0 && redrive["left_out"] == 0;
  return clean ? kExitDone : kExitFailures;
}

// A host that has gone has not ended the redrive: its next start goes on with it.
Error with_way_back(Error error, const std::string& id) {
  if (error.code == Code::kUnavailable) {
    error.text += "; the redrive goes on when the host does, follow it with: eddy dlq redrives watch " + id;
  }
  return error;
}

// Looks until it is over, or has stopped itself.
Result<int> follow(const RedriveOptions& options, Json redrive) {
  const std::string id = text_of(redrive["id"]);
  std::string last;
  for (;;) {
    const std::string line = progress_of(redrive);
    if (!options.common.json && line != last) print(line);
    std::fflush(stdout);  // into a pipe or a file too, while it goes on
    last = line;
    if (is_over(redrive) || redrive["state"] == "stopped") return print_end(options, redrive);
    std::this_thread::sleep_for(kLookEvery);
    Result<Json> now = ask(options, "GET", "/api/v1/redrives/" + id);
    if (!now) return with_way_back(now.error(), id);
    redrive = std::move(*now);
  }
}

Result<int> start(const RedriveOptions& options) {
  EDDY_ASSIGN(Json filter, filter_json(options.filter));
  Json body{{"filter", std::move(filter)},
            {"rate", options.rate},
            {"max_refailure_ratio", options.max_refailure_ratio},
            {"over_budget", options.over_budget},
            {"dry_run", options.dry_run}};
  if (!options.to.empty()) body["to"] = options.to;
  EDDY_ASSIGN(Json answer, ask(options, "POST", "/api/v1/queues/" + percent_encode(options.queue) + "/redrives", body));
  if (options.dry_run) return print_plan(options, answer);
  if (!options.detach) return follow(options, std::move(answer));
  options.common.json ? print_json(answer) : print(progress_of(answer));
  return kExitDone;
}

Result<int> list(const RedriveOptions& options) {
  EDDY_ASSIGN(const Json answer, ask(options, "GET", "/api/v1/redrives"));
  if (options.common.json) {
    print_json(answer["redrives"]);
    return kExitDone;
  }
  Table table(
      {"redrive", "queue", "to", "state", "selected", "sent", "left out", "recovered", "failed again", "reason"});
  for (const Json& redrive : answer["redrives"]) {
    table.row({text_of(redrive["id"]), text_of(redrive["queue"]),
               redrive["to"].is_null() ? "its function" : text_of(redrive["to"]), text_of(redrive["state"]),
               number_of(redrive["selected"]), number_of(redrive["sent"]), number_of(redrive["left_out"]),
               number_of(redrive["recovered"]), number_of(redrive["failed_again"]), text_of(redrive["reason"])});
  }
  print(table.text());
  return kExitDone;
}

Result<int> act(const RedriveOptions& options, const std::string& what) {
  EDDY_ASSIGN(const Json redrive, ask(options, "POST", "/api/v1/redrives/" + percent_encode(options.id) + "/" + what));
  options.common.json ? print_json(redrive) : print(progress_of(redrive));
  return kExitDone;
}

Result<int> watch(const RedriveOptions& options) {
  EDDY_ASSIGN(Json redrive, ask(options, "GET", "/api/v1/redrives/" + percent_encode(options.id)));
  return follow(options, std::move(redrive));
}

void add_start(CLI::App& dlq, const std::shared_ptr<RedriveOptions>& options) {
  CLI::App* command = dlq.get_subcommand("redrive");
  command->add_option("queue", options->queue, "Queue; <queue>.parked for what has failed too often")->required();
  command->add_option(
      "--to", options->to,
      "A stream to send the originals to (default: each to the function that failed, or through the ingest "
      "API that refused it; letters of a table need it)");
  command->add_option("--rate", options->rate, "Letters per second at most (default: as fast as they are taken)");
  command
      ->add_option("--max-refailure-ratio", options->max_refailure_ratio,
                   "Stop when more than this share fails again (default 0.5)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--over-budget", options->over_budget, "Letters too that have used up their hops");
  command->add_flag("--dry-run", options->dry_run, "Say what would be sent, and do nothing");
  command->add_flag("--detach", options->detach, "Start it, and do not wait for its end");
  add_filter(*command, options->filter);
}

}  // namespace

void add_dlq_redrive(CommandLine& line, CLI::App& dlq) {
  auto options = std::make_shared<RedriveOptions>();
  const auto ended = [&line](const Result<int>& done) { line.exit_code = done ? *done : report(done.error()); };
  const auto command = [&](CLI::App& parent, const char* name, const char* text) {
    CLI::App* added = parent.add_subcommand(name, text);
    add_common(*added, options->common);
    add_access(*added, options->access);
    return added;
  };
  command(dlq, "redrive", "Send letters back: exactly once, also over restarts; stops itself when too many fail again")
      ->callback([=] { ended(start(*options)); });
  add_start(dlq, options);
  CLI::App* redrives = dlq.add_subcommand("redrives", "Redrives of the running host");
  redrives->require_subcommand(1);
  command(*redrives, "ls", "All, newest first")->callback([=] { ended(list(*options)); });
  CLI::App* watched = command(*redrives, "watch", "Follow one to its end");
  watched->add_option("id", options->id, "Its id")->required();
  watched->callback([=] { ended(watch(*options)); });
  const std::pair<const char*, const char*> acts[] = {{"pause", "Send no more for now"},
                                                      {"resume", "Go on, also with one that has stopped itself"},
                                                      {"cancel", "Send no more, for good"}};
  for (const auto& [name, text] : acts) {
    CLI::App* one = command(*redrives, name, text);
    one->add_option("id", options->id, "Its id")->required();
    one->callback([=, what = std::string(name)] { ended(act(*options, what)); });
  }
}

}  // namespace eddy::host
