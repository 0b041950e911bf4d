// SPDX-License-Identifier: Apache-2.0
// eddy dlq try
#include <unistd.h>

#include <chrono>

#include "cli/audit.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/try_text.h"
#include "dead_letter/queue_names.h"
#include "runtime/inventory.h"
#include "runtime/triage.h"
#include "runtime/try/candidate.h"
#include "runtime/try/letter_trial.h"
#include "runtime/try/report_json.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kDiffs = 5;  // of each group, when they are asked for

struct TryArguments {
  CommonOptions common;
  FilterOptions filter;
  std::string queue, plugin;
  std::uint64_t limit = 0;  // 0: all
  bool diff = false;
  TryOptions options;
};

Result<std::vector<TryLetter>> select(Transport& transport, const Settings& settings, const TryArguments& arguments) {
  FilterOptions asked = arguments.filter;
  asked.reveal = arguments.options.reveal;
  EDDY_ASSIGN(LetterFilter filter, filter_of(asked));
  std::string queue = arguments.queue;
  resolve_parked(queue, filter);
  EDDY_ASSIGN([[maybe_unused]] const StreamId id, transport.find_stream(queue));
  EDDY_TRY(note_match(asked, settings, "eddy dlq try", queue));
  EDDY_ASSIGN(const auto index, open_triage(settings, transport));
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, index->catch_up(std::span(&queue, 1)));
  EDDY_ASSIGN(const auto places, index->select(queue, filter));
  std::vector<TryLetter> letters;
  for (const LetterPlace& place : places) {
    if (arguments.limit != 0 && letters.size() == arguments.limit) break;
    letters.push_back({place.queue, place.partition, place.offset});
  }
  return letters;
}

// One line that is written over and over, for a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::size_t all) : all_(all), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (written_) std::fprintf(stderr, "\r\033[K");
  }

  void tell(const TryReport& report) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    written_ = true;
    const auto tried = static_cast<unsigned long long>(report.selected);
    if (report.good_records.empty()) {
      std::fprintf(stderr, "\r\033[K%llu of %zu letters tried", tried, all_);
    } else {
      std::fprintf(stderr, "\r\033[K%llu letters tried, now good records", tried);
    }
  }

 private:
  const std::size_t all_;
  const bool shown_;
  bool written_ = false;
  std::chrono::steady_clock::time_point next_;
};

void sum_up(const TryReport& report) {
  const auto count = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
  std::fprintf(stderr, "%llu of %llu letters would pass, %llu still fail, %llu were not tried; nothing was written\n",
               count(report.passed()), count(report.selected), count(report.failed()), count(report.untried()));
  if (report.good_broken() != 0) {
    std::fprintf(stderr, "%llu records that are good today would fail\n", count(report.good_broken()));
  }
}

int exit_code_of(const TryReport& report) {
  const bool nothing_tried = report.selected != 0 && report.untried() == report.selected;
  return report.failed() != 0 || report.good_broken() != 0 || nothing_tried ? kExitFailures : kExitDone;
}

Result<int> try_letters(const TryArguments& arguments) {
  EDDY_ASSIGN(const Settings settings, load(arguments.common));
  EDDY_ASSIGN(const Inventory inventory, open_inventory(settings, true));
  EDDY_ASSIGN(const Candidate candidate, open_candidate(arguments.plugin, settings, *inventory.zygote, true));
  EDDY_ASSIGN(std::vector<TryLetter> letters, select(*inventory.transport, settings, arguments));
  TrySpec spec{.queue = base_queue(arguments.queue),
               .candidate = candidate.image,
               .settings = settings,
               .topology = inventory.topology(),
               .zygote = inventory.zygote.get(),
               .options = arguments.options};
  if (arguments.diff) spec.options.diffs = kDiffs;
  TryReport report;
  {
    ProgressLine line(letters.size());
    LetterTrial trial(
        std::move(spec), *inventory.transport, [] { return true; },
        [&](const TryReport& so_far) { line.tell(so_far); });
    const auto run = [&]() -> Result<std::string> {
      EDDY_ASSIGN(report, trial.run(std::move(letters)));
      return std::to_string(report.selected) + " letters";
    };
    const Json what{{"queue", arguments.queue}, {"plugin", arguments.plugin}, {"reveal", true}};
    EDDY_TRY(arguments.options.reveal ? audited(settings, "eddy dlq try", what, run) : run());
  }
  arguments.common.json ? print_json(to_json(report)) : print(report_text(report));
  sum_up(report);
  return exit_code_of(report);
}

}  // namespace

void add_dlq_try(CommandLine& line) {
  auto arguments = std::make_shared<TryArguments>();
  CLI::App* command = line.app.get_subcommand("dlq")->add_subcommand(
      "try", "Run dead letters through another build and write nothing; exit code 1 if one still fails");
  command->add_option("queue", arguments->queue, "Queue")->required();
  command->add_option("--plugin", arguments->plugin, "The other build (.so), from any place")->required();
  add_filter(*command, arguments->filter);
  command->add_option("--limit", arguments->limit, "At most so many letters");
  TryOptions& options = arguments->options;
  command->add_flag("--diff", arguments->diff, "Show how outputs differ from those of the build that runs");
  command
      ->add_option("--good-records", options.good_records,
                   "Records of each function's source, the last ones, to hold against the running build")
      ->capture_default_str();
  command->add_option("--ignore", options.ignored,
                      "Leave a member of outputs out of the comparison: a JSON pointer; repeatable");
  command->add_option("--timeout-ms", options.timeout_ms, "Of a call of a function that has no limit of its own")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400'000));
  command->add_flag("--as-configured", options.as_configured,
                    "Give functions the network and files that their settings allow; else they get none");
  command->add_flag("--reveal", options.reveal, "Show what `redact` masks");
  add_common(*command, arguments->common);
  command->callback([&line, arguments] {
    const auto done = try_letters(*arguments);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
