// SPDX-License-Identifier: Apache-2.0
// eddy dlq show: one letter whole.
#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/triage_tool.h"
#include "triage/letter_lookup.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

struct ShowOptions {
  CommonOptions common;
  std::string id, queue;
  bool original = false, reveal = false;
};

void print_frames(const Json& fault) {
  if (!fault.is_object()) return;
  print("\nfault: " + fault.value("signal", "") + " at " + fault.value("address", "") + "\n");
  for (const Json& frame : fault.value("frames", Json::array()))
    print("  " + (frame.is_string() ? frame.get<std::string>() : frame.dump()) + "\n");
}

void print_letter(const Json& json, const DeadLetter& letter, const Mask& mask) {
  Table table({"field", "value"});
  for (const auto& [name, value] : json.items()) {
    if (name == "original" || name == "fault" || value.is_null()) continue;
    table.row({name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  print(table.text());
  print_frames(json["fault"]);
  print("\noriginal:\n");
  if (letter.original.null()) {
    print("(null)");
  } else {
    print(mask.hides() ? mask.original(letter.original) : std::string(letter.original.view()));
  }
  print("\n");
}

std::string names_of(const std::vector<std::string>& queues) {
  std::string names;
  for (const std::string& queue : queues) names += (names.empty() ? "" : ", ") + queue;
  return names;
}

Error unknown(const TriageTool& tool, const std::string& id) {
  return {Code::kBadData,
          "no dead letter has an id that begins with " + id + " in " + names_of(tool.queues) +
              ", or its retention has passed; name the queue with --queue if no plugin here declares it"};
}

Result<int> show(const ShowOptions& options) {
  EDDY_ASSIGN(TriageTool tool, options.queue.empty() ? open_triage_tool(options.common)
                                                     : open_triage_tool(options.common, options.queue));
  LetterLookup lookup(*tool.index, *tool.transport);
  EDDY_ASSIGN(const auto named, lookup.find(options.id));
  if (!named) return unknown(tool, options.id);
  const LetterRow& row = named->row;
  const FetchedLetter& fetched = named->fetched;
  EDDY_ASSIGN(Mask mask, mask_of(tool, row.queue, row.function));
  if (options.reveal && mask.hides()) {
    EDDY_TRY(note_reveal(tool.settings, "eddy dlq show", {{"id", row.place.id}}));
    mask = Mask();
  }
  if (options.original && mask.hides()) {
    return Error{Code::kRefused, "redact hides some of the original: give --reveal to have it whole"};
  }
  if (options.original) {
    print(fetched.letter->original.view());
    return kExitDone;
  }
  EDDY_ASSIGN(const auto state, tool.index->state_of(row.place.id));
  const Json json = whole_letter_json(row, fetched, state, mask);
  options.common.json ? print_json(json) : print_letter(json, *fetched.letter, mask);
  return kExitDone;
}

}  // namespace

void add_dlq_show(CommandLine& line, CLI::App& dlq) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = dlq.add_subcommand("show", "One letter whole");
  command->add_option("id", options->id, "Its id, or the beginning of it")->required();
  command->add_option("--queue", options->queue, "Its queue (default: all that plugins declare)");
  command->add_flag("--original", options->original, "Only the original's exact bytes");
  command->add_flag("--reveal", options->reveal, "Show what redact hides; noted in the audit log");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = show(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
