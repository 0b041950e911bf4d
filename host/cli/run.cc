// SPDX-License-Identifier: Apache-2.0
// eddy run
#include <signal.h>

#include <thread>

#include "base/log.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "guard/supervise.h"
#include "runtime/runtime.h"

namespace eddy::host {

namespace {

struct RunOptions {
  CommonOptions common;
  bool supervise = false;
  bool until_idle = false;
};

// Turns SIGTERM and SIGINT into stop(), SIGHUP into reload(). The signals are blocked in every thread that starts
// later.
class SignalThread {
 public:
  SignalThread() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  ~SignalThread() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  void start(Runtime& runtime) {
    thread_ = std::thread([this, &runtime] { wait(runtime); });
  }

 private:
  void wait(Runtime& runtime) {
    for (;;) {
      int signal = 0;
      if (sigwait(&set_, &signal) != 0 || signal == SIGUSR1) return;
      if (signal == SIGHUP) {
        runtime.reload();
      } else {
        log(LogLevel::kInfo, "host", "stopping: each function ends its unit of work");
        runtime.stop();
      }
    }
  }

  sigset_t set_{};
  std::thread thread_;
};

int run_supervised(const CommandLine& line) {
  std::vector<std::string> arguments;
  for (const std::string& argument : line.arguments) {
    if (argument != "--supervise") arguments.push_back(argument);
  }
  const auto ended = supervise(arguments);
  return ended ? *ended : report(ended.error());
}

int run(const CommandLine& line, const RunOptions& options) {
  if (options.supervise) return run_supervised(line);
  auto settings = load(options.common);
  if (!settings) return report(settings.error());
  configure_log({settings->log_level, settings->log_format == LogFormat::kJson});
  SignalThread signals;
  const CommonOptions common = options.common;
  auto runtime = Runtime::open(*std::move(settings), {options.until_idle, [common] { return load_again(common); }});
  if (!runtime) return report(runtime.error());
  signals.start(**runtime);
  log(LogLevel::kInfo, "host", "running; metrics, health and the API for operators on " + (*runtime)->admin_url());
  if (const auto ended = (*runtime)->run(); !ended) {
    report(ended.error());
    _exit(kExitFailures);  // a worker hangs in a plugin: there is no orderly end
  }
  return kExitDone;
}

}  // namespace

void add_run(CommandLine& line) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = line.app.add_subcommand("run", "Run the host");
  add_common(*command, options->common);
  command->add_flag("--supervise", options->supervise, "Start it again when it dies");
  command->add_flag("--until-idle", options->until_idle, "End once every function has reached the end of its source");
  command->callback([&line, options] { line.exit_code = run(line, *options); });
}

}  // namespace eddy::host
