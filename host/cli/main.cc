// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>

#include "base/sanitizers.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "function/process/child_main.h"
#include "runtime/version.h"
#include "sandbox/zygote_main.h"

namespace {

// Plugins stay mapped to the end, also those that have faulted: their destructors are not run in this process, as
// nothing of theirs is after a fault. What a command has to close, it has closed; a leak checker looks at the end of
// exit().
int end(int code) {
  if (eddy::host::kAddressSanitizer) return code;
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace eddy::host;
  if (const auto code = zygote_main(argc, argv, child_main)) return *code;
  CommandLine line;
  line.arguments.assign(argv, argv + argc);
  line.app.require_subcommand(1);
  line.app.set_version_flag("--version", std::string("eddy ") + kVersion + " (" + kRevision + ")");
  add_run(line);
  add_check(line);
  add_ls(line);
  add_put(line);
  add_peek(line);
  add_plugin(line);
  add_plugin_new(line);
  add_plugin_conform(line);
  add_dlq(line);
  add_dlq_try(line);
  add_dlq_repro(line);
  add_dlq_edit(line);
  add_top(line);
  add_token(line);
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return end(line.app.exit(error) == 0 ? kExitDone : kExitUsage);
  } catch (const std::exception& error) {
    return end(report({Code::kInternal, error.what()}));
  }
  return end(line.exit_code);
}
