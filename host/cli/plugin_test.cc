// SPDX-License-Identifier: Apache-2.0
// eddy plugin test: records through one function, here, with no host and no store.
#include <fstream>
#include <iostream>

#include "base/temporary_folder.h"
#include "cli/capture.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "function/processor.h"
#include "plugin/loader.h"

namespace eddy::host {

namespace {

constexpr StreamId kQueue{UINT32_MAX};
constexpr StreamId kParked{UINT32_MAX - 1};
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

struct TestOptions {
  CommonOptions common;
  std::string file, function, input;
};

// Every stream the plugin names is a destination; nothing is checked against other plugins.
Result<BindingPtr> bind_alone(const ImagePtr& image, const Settings& settings, const std::string& name) {
  auto binding = std::make_shared<Binding>();
  binding->image = image;
  binding->decl = image->function(name);
  if (binding->decl == nullptr) {
    std::string known;
    for (const FunctionDecl& function : image->manifest.functions) known += " " + function.name;
    return Error{Code::kUsage, "plugin " + image->identity.name + " has no function " + name + "; it has:" + known};
  }
  binding->settings = settings.function(name);
  binding->settings.retry = {};  // a record is called once here
  std::map<std::string, ModelPtr> streams;
  if (binding->decl->kind == EDDY_FUNCTION_TRANSFORM) streams[binding->decl->destination] = binding->decl->output_model;
  if (binding->decl->kind == EDDY_FUNCTION_MULTI_TRANSFORM) {
    for (const StreamDecl& stream : image->manifest.streams) streams[stream.name] = stream.model;
  }
  for (const auto& [stream, model] : streams) {
    const auto id = static_cast<StreamId>(binding->destinations.size());
    binding->destinations.push_back({stream, id, UINT32_MAX, kMaxRecordBytes, model});
  }
  binding->queue = binding->over_queue() ? binding->decl->source : "dead letters";
  binding->queue_id = kQueue;
  binding->parked_id = kParked;
  binding->queue_options = settings.queue(binding->queue).options;
  binding->queue_options.max_record_bytes = kMaxRecordBytes;
  return BindingPtr(std::move(binding));
}

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

// One line a record that comes out: where it would go, and its value.
void print_captured(const std::vector<CaptureSession::Captured>& captured, const Binding& binding, bool json) {
  for (const auto& record : captured) {
    const bool letter = record.to == kQueue || record.to == kParked;
    const std::string to = letter ? binding.queue : binding.destinations[static_cast<std::size_t>(record.to)].name;
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
      print_captured(session_.take(), *binding_, options_.common.json);
      if (processor_.poisoned()) EDDY_TRY(fresh_copy(settings));
    }
    return {};
  }

  int finish() const {
    std::fprintf(stderr, "%llu delivered, %llu filtered, %llu dead-lettered\n", outcomes_[0], outcomes_[1],
                 outcomes_[2]);
    return outcomes_[2] + left_ == 0 ? kExitDone : kExitFailures;
  }

 private:
  // Policies are off here, but a function that says its dependency is down is not called again.
  void count(const Ending& ending, const std::string& line) {
    if (ending.kind == Ending::Kind::kEnded) {
      ++outcomes_[static_cast<std::size_t>(ending.outcome)];
    } else {
      ++left_;
      std::fprintf(stderr, "left in its stream: %s: %s\n", policies_.breaker.reason().c_str(), line.c_str());
    }
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
  unsigned long long outcomes_[4] = {0, 0, 0, 0};
  unsigned long long left_ = 0;
};

Result<int> test(const TestOptions& options) {
  EDDY_ASSIGN(const Settings settings, load(options.common));
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
  command->add_option("--input", options->input, "One record a line (default: standard input)");
  add_common(*command, options->common);
  command->callback([&line, options] {
    const auto done = test(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
