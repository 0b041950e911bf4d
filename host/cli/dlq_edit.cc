// SPDX-License-Identifier: Apache-2.0
// eddy dlq edit
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "base/clock.h"
#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/editor.h"
#include "cli/find_letter.h"
#include "dead_letter/json_layout.h"
#include "runtime/edit/edit_letter.h"
#include "runtime/open_transport.h"
#include "runtime/try/failed_record.h"

namespace eddy::host {

namespace {

struct EditOptions {
  CommonOptions common;
  std::string id;
  std::string original;  // a file, "-" for standard input; empty: in the editor
  bool yes = false;
};

Result<std::string> read_all(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary);
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad()) return Error{Code::kBadData, file + ": cannot be read"};
  return text.str();
}

// Editors end a file with a line feed, which the record may not have had.
void drop_line_end(std::string& edited, std::string_view before) {
  if (edited.ends_with('\n') && !before.ends_with('\n')) edited.pop_back();
}

// JSON without white space is laid out to be edited, and taken back without any: what was not touched stays as it is.
Result<std::string> in_editor(std::string_view original) {
  const bool compact = is_json(original) && compacted(original) == original;
  const std::string shown = compact ? laid_out(original) : std::string(original);
  EDDY_ASSIGN(std::string edited, edit_text(shown, is_json(original) ? "original.json" : "original"));
  drop_line_end(edited, shown);
  return compact && is_json(edited) ? compacted(edited) : edited;
}

// Asks on the terminal; elsewhere the answer is no.
bool agreed(const char* question) {
  if (::isatty(STDIN_FILENO) != 1) return false;
  std::fprintf(stderr, "%s [y/N] ", question);
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

Result<int> edit(const EditOptions& options) {
  EDDY_ASSIGN(const Settings settings, load(options.common));
  EDDY_ASSIGN(const auto transport, open_transport(settings, TransportUse::kTool));
  FailedRecords records(*transport);
  return with_letter(*transport, options.id, [&](const FoundLetter& found) -> Result<int> {
    EDDY_ASSIGN(const Task task, records.of(*found.letter));
    const std::string original(task.record.value.view());
    auto corrected = options.original.empty() ? in_editor(original) : read_all(options.original);
    if (!corrected) return corrected.error();
    if (*corrected == original && !(task.record.value.null() && !options.original.empty())) {
      std::fprintf(stderr, "the record is what it was: nothing was done\n");
      return kExitDone;
    }
    if (is_json(original) && !is_json(*corrected) && !options.yes &&
        !agreed("The failed record is JSON, the corrected one is not. Go on?")) {
      return Error{Code::kBadData,
                   "the failed record is JSON, and the corrected one is not; nothing was done; "
                   "--yes takes it all the same"};
    }
    DeadLetter whole = *found.letter;  // of a pointer: with what it points to
    whole.key = task.record.key;
    whole.headers.assign(task.record.headers.begin(), task.record.headers.end());
    EditedLetter edited;
    const auto put = [&]() -> Result<std::string> {
      EDDY_ASSIGN(edited, edit_letter(*transport, settings, found.queue, whole, Bytes(*corrected), user_name(),
                                      SystemClock().now_us()));
      return "edited as " + edited.id;
    };
    EDDY_TRY(audited(settings, "eddy dlq edit", {{"id", whole.id}, {"queue", found.queue}}, put));
    if (options.common.json) {
      print_json({{"id", edited.id},
                  {"queue", edited.queue},
                  {"digest", edited.digest},
                  {"edited_from", {{"id", whole.id}, {"digest", whole.digest}}}});
    } else {
      print(edited.id + "\n");
    }
    return kExitDone;
  });
}

}  // namespace

void add_dlq_edit(CommandLine& line) {
  auto options = std::make_shared<EditOptions>();
  CLI::App* command = line.app.get_subcommand("dlq")->add_subcommand(
      "edit", "Put a corrected copy of a letter into its queue; the letter itself counts as discarded");
  command->add_option("id", options->id, "Its id, or the beginning of it")->required();
  command->add_option("--original", options->original,
                      "File with the corrected record, - for standard input (default: in $VISUAL or $EDITOR)");
  command->add_flag("--yes", options->yes, "Take what is no JSON although the failed record is");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = edit(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
