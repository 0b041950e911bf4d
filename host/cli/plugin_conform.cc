// SPDX-License-Identifier: Apache-2.0
// eddy plugin conform: a plugin against the rules of the ABI, in a process that
// it may take down.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/temporary_folder.h"
#include "cli/capture.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/edge_records.h"
#include "function/call.h"
#include "function/processor.h"
#include "plugin/loader.h"
#include "runtime/bind_alone.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kCallTimeoutMs = 5000;
constexpr unsigned kWholeTimeoutS = 300;

struct ConformOptions {
  std::string file;
};

// One line a rule, written at once: what is printed last says where a process
// died.
class Report {
 public:
  void rule(const std::string& name, const std::string& fault) {
    failed_ = failed_ || !fault.empty();
    print((fault.empty() ? "ok    " : "FAIL  ") + name + (fault.empty() ? "" : ": " + fault) + "\n");
    std::fflush(stdout);
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

// Why an ending of a call breaks a rule; empty: it does not. What the function
// says of a record is its own affair.
std::string fault_of(std::string_view envelope) {
  const Json letter = Json::parse(envelope, nullptr, false);
  if (!letter.is_object()) return "a dead letter that cannot be read";
  const std::string type = letter.value("error_type", "");
  const std::string message = letter.value("error_message", "");
  if (letter.contains("fault") || type.starts_with("SIG") || type == "Timeout") return type + ": " + message;
  if (message == "the function failed without a reason") return "EDDY_FAILED without fail()";
  return type.empty() ? "fail() without an error type" : "";
}

class Conformance {
 public:
  Conformance(Loader& loader, const Loader::Admitted& file, ThreadGuard& guard, Report& report)
      : loader_(loader), file_(file), guard_(guard), report_(report) {}

  Result<void> function(const std::string& name) {
    const auto bound = bind(name);
    report_.rule(name + ": makes an instance", bound ? "" : bound.error().text);
    if (!bound) return {};
    for (const EdgeRecord& edge : edge_records(*binding_->decl)) {
      EDDY_TRY(run(name, edge));
      if (processor_->poisoned() || down_) EDDY_TRY(bind(name));
    }
    processor_.reset();
    return {};
  }

 private:
  // A fresh copy for each function, after each fault, and when its breaker is
  // open.
  Result<void> bind(const std::string& name) {
    EDDY_ASSIGN(const ImagePtr image, loader_.load(file_));
    EDDY_ASSIGN(const BindingPtr bound, bind_alone(image, Settings{}, name));
    auto timed = std::make_shared<Binding>(*bound);
    timed->settings.timeout_ms = kCallTimeoutMs;
    binding_ = timed;
    processor_.reset();
    policies_.reset(new FunctionPolicies{Breaker({}, clock_), LetterLimit({}, clock_)});
    processor_ = std::make_unique<Processor>(guard_, clock_, *policies_);
    return processor_->bind(binding_);
  }

  Result<void> run(const std::string& name, const EdgeRecord& edge) {
    std::string value = edge.value.value_or("");
    value.reserve(value.size() + 64);  // the decoder reads past the end
    std::vector<Header> headers;
    for (const auto& [header, text] : edge.headers) headers.push_back({Bytes(header), text ? Bytes(*text) : Bytes()});
    Record record;
    record.key = edge.key ? Bytes(*edge.key) : Bytes();
    record.value = edge.value ? Bytes(value) : Bytes();
    record.headers = headers;
    record.offset = offset_++;
    record.timestamp_us = clock_.now_us();
    EDDY_ASSIGN(const Ending ending,
                processor_->run({record, {binding_->decl->source, 0, record.offset}, 0}, session_, counts_));
    std::string fault;
    for (const auto& captured : session_.take()) {
      const bool letter = captured.to == kQueueAlone || captured.to == kParkedAlone;
      if (letter && fault.empty()) fault = fault_of(captured.value);
    }
    down_ = ending.kind != Ending::Kind::kEnded;
    report_.rule(name + ": " + edge.what, fault);
    return {};
  }

  Loader& loader_;
  const Loader::Admitted& file_;
  ThreadGuard& guard_;
  Report& report_;
  const SystemClock clock_;
  WorkerCounters counters_;
  UnitCounts counts_{counters_};
  CaptureSession session_;
  std::unique_ptr<FunctionPolicies> policies_;
  std::unique_ptr<Processor> processor_;
  BindingPtr binding_;
  std::int64_t offset_ = 0;
  bool down_ = false;  // the function has said that its dependency is down
};

Result<int> conform_here(const std::string& path, const std::string& folder) {
  Report report;
  EDDY_TRY(install_guard());
  Loader loader({folder, host_table()});
  const auto file = loader.admit(path, true);
  report.rule("the file and its note", file ? "" : file.error().text);
  if (!file) return kExitFailures;
  const auto image = loader.load(*file);
  report.rule("loads and describes itself", image ? "" : image.error().text);
  if (!image) return kExitFailures;
  EDDY_ASSIGN(ThreadGuard* const guard, ThreadGuard::of_this_thread());
  Conformance conformance(loader, *file, *guard, report);
  for (const FunctionDecl& function : (*image)->manifest.functions) EDDY_TRY(conformance.function(function.name));
  return report.failed() ? kExitFailures : kExitDone;
}

// In a process of its own: what a plugin can do to its process must not look
// like the end of the check.
Result<int> conform(const ConformOptions& options) {
  EDDY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());  // goes also when the child dies
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child < 0) return Error{Code::kUnavailable, "no process can be made for the plugin"};
  if (child == 0) {
    ::alarm(kWholeTimeoutS);
    const auto done = conform_here(options.file, folder.path());
    const int code = done ? *done : report(done.error());
    std::fflush(stdout);
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  Report().rule("the process outlives the plugin",
                signal == SIGALRM ? "more than " + std::to_string(kWholeTimeoutS) + " s"
                                  : "it died of signal " + std::to_string(signal) + " after the line above");
  return kExitFailures;
}

}  // namespace

void add_plugin_conform(CommandLine& line) {
  auto options = std::make_shared<ConformOptions>();
  CLI::App* plugin = line.app.get_subcommand("plugin");
  CLI::App* command = plugin->add_subcommand("conform", "Hold a plugin to the ABI's rules, with records at the edges");
  command->add_option("file", options->file, "Plugin (.so)")->required();
  command->callback([&line, options] {
    const auto done = conform(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
