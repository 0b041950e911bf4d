// SPDX-License-Identifier: Apache-2.0
// eddy dlq export: letters whole, one JSON object a line.
#include <cstdio>

#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/triage_tool.h"
#include "triage/letter_fetcher.h"
#include "triage/listing_json.h"

namespace eddy::host {

namespace {

constexpr std::size_t kReadAtOnce = 256;

struct ExportOptions {
  CommonOptions common;
  FilterOptions filter;
  std::string queue;
  std::uint64_t limit = 0;  // 0: all
  bool reveal = false;
};

Result<void> export_one(TriageTool& tool, LetterFetcher& fetcher, const LetterPlace& place, const Mask& mask,
                        std::uint64_t& exported) {
  EDDY_ASSIGN(const FetchedLetter fetched, fetcher.fetch(place));
  if (fetched.letter == nullptr) return {};  // left its queue meanwhile
  EDDY_ASSIGN(const auto rows, tool.index->find(place.id, 1));
  if (rows.empty() || rows.front().place != place) return {};
  EDDY_ASSIGN(const auto state, tool.index->state_of(place.id));
  const Json json = whole_letter_json(rows.front(), fetched, state, mask);
  print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  ++exported;
  return {};
}

Result<int> export_letters(const ExportOptions& options) {
  EDDY_ASSIGN(LetterFilter filter, filter_of(options.filter));
  EDDY_ASSIGN(TriageTool tool, open_triage_tool(options.common, options.queue));
  std::string queue = options.queue;
  resolve_parked(queue, filter);
  EDDY_ASSIGN(Mask mask, mask_of(tool, queue));
  filter.reveal = options.reveal;
  if (options.reveal && (mask.hides() || !filter.match.empty())) {
    const Json asked{{"queue", queue}, {"filter", without_values(to_json(filter))}};
    EDDY_TRY(note_reveal(tool.settings, "eddy dlq export", asked));
    mask = Mask();
  }
  EDDY_ASSIGN(const auto places, tool.index->select(queue, filter));
  LetterFetcher fetcher(*tool.transport, kReadAtOnce);
  std::uint64_t exported = 0;
  for (const LetterPlace& place : places) {
    if (options.limit != 0 && exported == options.limit) break;
    EDDY_TRY(export_one(tool, fetcher, place, mask, exported));
  }
  std::fprintf(stderr, "exported %llu letters\n", static_cast<unsigned long long>(exported));
  return kExitDone;
}

}  // namespace

void add_dlq_export(CommandLine& line, CLI::App& dlq) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = dlq.add_subcommand("export", "Letters whole, as NDJSON, in the order of the queue");
  command->add_option("queue", options->queue, "Queue; <queue>.parked for what has failed too often")->required();
  command->add_option("--limit", options->limit, "How many (default: all)");
  command->add_flag("--reveal", options->reveal, "Show what redact hides; noted in the audit log");
  add_filter(*command, options->filter);
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = export_letters(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
