// SPDX-License-Identifier: Apache-2.0
// eddy plugin test: records through one function, here, with no host and no
// store.
#include <fstream>
#include <iostream>

#include "base/temporary_folder.h"
#include "cli/capture.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/golden.h"
#include "cli/plugin_test_record.h"
#include "function/call.h"
#include "function/processor.h"
#include "plugin/loader.h"
#include "runtime/bind_alone.h"

namespace eddy::host {

namespace {

struct TestOptions {
  CommonOptions common;
  std::string file, function, input;
  std::string record, expect;        // one record in place of `input`, and how it is to fail
  std::string golden;                // empty: print what comes out
  std::vector<std::string> ignored;  // JSON pointers into outputs, for the golden file
  bool update = false;
};

Result<std::vector<std::string>> read_lines(const std::string& file) {
  std::ifstream from;
  if (!file.empty() && file != "-") {
    from.open(file, std::ios::binary);
    if (!from) return Error{Code::kBadData, file + ": cannot be opened"};
  }
  std::istream& in = from.is_open() ? static_cast<std::istream&>(from) : std::cin;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

bool is_letter(const CaptureSession::Captured& record) { return record.to == kQueueAlone || record.to == kParkedAlone; }

const std::string& stream_of(const CaptureSession::Captured& record, const Binding& binding) {
  return is_letter(record) ? binding.queue : binding.destinations[static_cast<std::size_t>(record.to)].name;
}

// One line a record that comes out: where it would go, and its value.
void print_captured(const std::vector<CaptureSession::Captured>& captured, const Binding& binding, bool json) {
  for (const auto& record : captured) {
    const bool letter = is_letter(record);
    const std::string& to = stream_of(record, binding);
    if (json) {
      print(Json{{letter ? "dead_letter" : "output", json_of(record.null_value ? Bytes() : Bytes(record.value))},
                 {"stream", to}}
                .dump(-1, ' ', false, Json::error_handler_t::replace) +
            "\n");
    } else {
      print((letter ? "dead letter: " : to + ": ") + record.value + "\n");
    }
  }
}

Json golden_line(const CaptureSession::Captured& record, const Binding& binding,
                 const std::vector<std::string>& ignored) {
  if (is_letter(record)) return {{"dead_letter", golden_letter(record.value)}};
  return {{"output", record.null_value ? Json() : golden_output(record.value, ignored)},
          {"stream", stream_of(record, binding)}};
}

class Trial {
 public:
  Trial(const TestOptions& options, Loader& loader, Loader::Admitted file, ImagePtr image, ThreadGuard& guard)
      : options_(options),
        loader_(loader),
        file_(std::move(file)),
        image_(std::move(image)),
        processor_(guard, clock_, policies_) {}

  Result<void> bind(const Settings& settings) {
    EDDY_ASSIGN(binding_, bind_alone(image_, settings, options_.function));
    return processor_.bind(binding_);
  }

  Result<void> run(const std::vector<std::string>& lines, const Settings& settings) {
    std::int64_t offset = 0;
    for (const std::string& line : lines) {
      padded_ = line;
      padded_.reserve(line.size() + 64);
      Record record;
      record.value = Bytes(std::string_view(padded_));
      record.offset = offset++;
      record.timestamp_us = clock_.now_us();
      EDDY_ASSIGN(const Ending ending,
                  processor_.run({record, {binding_->decl->source, 0, record.offset}, 0}, session_, counts_));
      count(ending, line);
      tell(ending, line);
      if (processor_.poisoned()) EDDY_TRY(fresh_copy(settings));
    }
    return {};
  }

  Result<int> finish() const {
    std::fprintf(stderr, "%llu delivered, %llu filtered, %llu dead-lettered\n", outcomes_[0], outcomes_[1],
                 outcomes_[2]);
    if (options_.golden.empty()) return outcomes_[2] + left_ == 0 ? kExitDone : kExitFailures;
    const std::string file = golden_file(options_.golden, options_.function);
    if (options_.update) {
      EDDY_TRY(write_golden(file, records_));
      return kExitDone;
    }
    EDDY_ASSIGN(const std::string differences, compare_golden(file, records_));
    print(differences);
    return differences.empty() ? kExitDone : kExitFailures;
  }

 private:
  // Policies are off here, but a function that says its dependency is down is
  // not called again.
  void count(const Ending& ending, const std::string& line) {
    if (ending.kind == Ending::Kind::kEnded) {
      ++outcomes_[static_cast<std::size_t>(ending.outcome)];
    } else {
      ++left_;
      std::fprintf(stderr, "left in its stream: %s: %s\n", policies_.breaker.reason().c_str(), line.c_str());
    }
  }

  // Prints what came of a record, or keeps it for the golden file.
  void tell(const Ending& ending, const std::string& line) {
    const std::vector<CaptureSession::Captured> captured = session_.take();
    if (options_.golden.empty()) {
      print_captured(captured, *binding_, options_.common.json);
      return;
    }
    TrialRecord& record = records_.emplace_back(TrialRecord{line, {}});
    for (const auto& one : captured) record.lines.push_back(golden_line(one, *binding_, options_.ignored));
    if (!record.lines.empty()) return;
    const bool filtered = ending.outcome == Outcome::kFiltered;
    record.lines.push_back(ending.kind != Ending::Kind::kEnded ? Json{{"left", policies_.breaker.reason()}}
                                                               : Json{{"ended", filtered ? "filtered" : "delivered"}});
  }

  Result<void> fresh_copy(const Settings& settings) {
    EDDY_ASSIGN(image_, loader_.load(file_));
    return bind(settings);
  }

  const TestOptions& options_;
  Loader& loader_;
  const Loader::Admitted file_;
  ImagePtr image_;
  const SystemClock clock_;
  WorkerCounters counters_;
  UnitCounts counts_{counters_};
  CaptureSession session_;
  BindingPtr binding_;
  FunctionPolicies policies_{Breaker({}, clock_), LetterLimit({}, clock_)};
  Processor processor_;
  std::string padded_;
  std::vector<TrialRecord> records_;  // for the golden file
  unsigned long long outcomes_[4] = {0, 0, 0, 0};
  unsigned long long left_ = 0;
};

// Dead letters of a golden file look the same whatever their queue's options
// are.
Settings for_golden(Settings settings) {
  settings.queue_sections.clear();
  return settings;
}

// "/a/b~1c", as RFC 6901 has it.
bool is_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t at = text.find('~'); at != text.npos; at = text.find('~', at + 1)) {
    if (text.substr(at + 1, 1) != "0" && text.substr(at + 1, 1) != "1") return false;
  }
  return true;
}

Result<int> test(const TestOptions& options) {
  if (!options.record.empty()) {
    return test_record({options.common, options.file, options.function, options.record, options.expect});
  }
  for (const std::string& pointer : options.ignored) {
    if (!is_pointer(pointer)) return Error{Code::kUsage, "--ignore: expected a JSON pointer, found " + pointer};
  }
  EDDY_ASSIGN(Settings settings, load(options.common));
  if (!options.golden.empty()) settings = for_golden(std::move(settings));
  EDDY_ASSIGN(const auto lines, read_lines(options.input));
  EDDY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  EDDY_TRY(install_guard());
  Loader loader({folder.path(), host_table()});
  EDDY_ASSIGN(Loader::Admitted file, loader.admit(options.file, true));
  EDDY_ASSIGN(ImagePtr image, loader.load(file));
  EDDY_ASSIGN(ThreadGuard* const guard, ThreadGuard::of_this_thread());
  Trial trial(options, loader, std::move(file), std::move(image), *guard);
  EDDY_TRY(trial.bind(settings));
  EDDY_TRY(trial.run(lines, settings));
  return trial.finish();
}

}  // namespace

void add_plugin_test(CommandLine& line, CLI::App& plugin) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = plugin.add_subcommand("test", "Run records through a function here; exit code 1 if any fails");
  command->add_option("file", options->file, "Plugin (.so)")->required();
  command->add_option("--function", options->function, "Function")->required();
  CLI::Option* input = command->add_option("--input", options->input, "One record a line (default: standard input)");
  CLI::Option* record = command
                            ->add_option("--record", options->record,
                                         "One record with key and headers, as `eddy dlq repro` writes it, run in a "
                                         "worker process")
                            ->excludes(input);
  command->add_option("--expect", options->expect, "How it is to fail: exit code 0 when it fails in the same way")
      ->needs(record);
  CLI::Option* golden = command
                            ->add_option("--golden", options->golden,
                                         "Compare with this file, or with FUNCTION.golden.ndjson in this folder; "
                                         "exit code 1 if anything differs")
                            ->excludes(record);
  command->add_flag("--update-golden", options->update, "Write that file")->needs(golden);
  command->add_option("--ignore", options->ignored, "Leave a member of outputs out of it: a JSON pointer; repeatable")
      ->needs(golden);
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = test(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
