// SPDX-License-Identifier: Apache-2.0
// eddy dlq repro
#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/find_letter.h"
#include "runtime/inventory.h"
#include "runtime/open_transport.h"
#include "runtime/repro/repro.h"
#include "runtime/try/failed_record.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

struct ReproOptions {
  CommonOptions common;
  std::string id, out;
};

// What was stored, as JSON: an envelope as it is.
std::string stored_json(const FoundLetter& found) {
  const Json value = json_of(found.record.value);
  const Json envelope = value.is_string() ? Json::parse(value.get<std::string>(), nullptr, false) : Json();
  const bool whole = envelope.is_object() && envelope.contains("original_record");
  const DeadLetter& letter = *found.letter;
  const Json json{{"queue", found.queue},          {"partition", found.record.partition},
                  {"offset", found.record.offset}, {"id", letter.id},
                  {"attempts", letter.attempts},   {"hops", letter.hops},
                  {"fault", fault_json(letter)},   {"stored", whole ? envelope : value}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Task> task_of(const FoundLetter& found, const Topology& topology, FailedRecords& records) {
  const DeadLetter& letter = *found.letter;
  if (letter.source == "api") {
    return Error{Code::kBadData,
                 "the letter failed at the ingest API, before any function saw it: post the bytes of "
                 "`eddy dlq show --original` to " +
                     std::string(letter.route) + " again"};
  }
  if (letter.source == "table") {
    return Error{Code::kBadData, "the letter's row was refused by the database of table " +
                                     std::string(letter.function) + ": there is no function to run"};
  }
  const auto function = topology.functions.find(std::string(letter.function));
  // A function over a queue has failed on the letter itself.
  const bool over_queue = function != topology.functions.end() ? function->second.decl->input == EDDY_INPUT_DEAD_LETTER
                                                               : letter.returned_by == letter.function;
  if (over_queue) return Task{found.record, {found.queue, found.record.partition, found.record.offset}, 0};
  return records.of(letter);
}

Result<int> repro(const ReproOptions& options) {
  EDDY_ASSIGN(const Settings settings, load(options.common));
  EDDY_ASSIGN(const Inventory inventory, open_inventory(settings, true));
  FailedRecords records(*inventory.transport);
  return with_letter(*inventory.transport, options.id, [&](const FoundLetter& found) -> Result<int> {
    EDDY_ASSIGN(const Task task, task_of(found, inventory.topology(), records));
    const std::string folder =
        options.out.empty() ? "repro-" + std::string(found.letter->id.substr(0, 12)) : options.out;
    Repro made;
    const auto write = [&]() -> Result<std::string> {
      EDDY_ASSIGN(made, write_repro(settings, *found.letter, task, stored_json(found), folder));
      return made.folder;
    };
    // The folder shows what `redact` masks.
    EDDY_TRY(audited(settings, "eddy dlq repro", {{"id", found.letter->id}, {"queue", found.queue}}, write));
    if (options.common.json) {
      print_json({{"folder", made.folder}, {"build", made.build ? Json(*made.build) : Json()}});
    } else {
      print(made.folder + "/run.sh\n");
    }
    if (made.build) return kExitDone;
    std::fprintf(stderr,
                 "eddy: the build that failed is not on this machine any more; %s/README.md says which one to "
                 "put there\n",
                 made.folder.c_str());
    return kExitFailures;
  });
}

}  // namespace

void add_dlq_repro(CommandLine& line) {
  auto options = std::make_shared<ReproOptions>();
  CLI::App* command = line.app.get_subcommand("dlq")->add_subcommand(
      "repro", "A folder in which one letter fails again offline; it holds the record as it is");
  command->add_option("id", options->id, "Its id, or the beginning of it")->required();
  command->add_option("--out", options->out, "Folder to make (default: repro-ID)");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = repro(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
