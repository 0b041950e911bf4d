// SPDX-License-Identifier: Apache-2.0
// Each command adds itself to the command line; when it is the one chosen, `exit_code` holds how it ended.
#pragma once

#include <CLI/CLI.hpp>

namespace eddy::host {

// Set before parsing: the process's own arguments, for `run --supervise`.
struct CommandLine {
  CLI::App app{"Eddy: a host for native stream functions with dead letter queues"};
  std::vector<std::string> arguments;
  int exit_code = 0;
};

void add_run(CommandLine& line);
void add_check(CommandLine& line);
void add_ls(CommandLine& line);
void add_put(CommandLine& line);
void add_peek(CommandLine& line);
void add_plugin(CommandLine& line);      // inspect, test, keygen, sign, verify, ls, release, rollback
void add_plugin_new(CommandLine& line);  // after add_plugin
void add_plugin_conform(CommandLine& line);
void add_plugin_control(CommandLine& line, CLI::App& plugin);
void add_plugin_inspect(CommandLine& line, CLI::App& plugin);
void add_plugin_test(CommandLine& line, CLI::App& plugin);
void add_plugin_keygen(CommandLine& line, CLI::App& plugin);
void add_plugin_sign(CommandLine& line, CLI::App& plugin);
void add_plugin_verify(CommandLine& line, CLI::App& plugin);
void add_dlq(CommandLine& line);  // ls, groups, letters, show, export, discard
void add_dlq_show(CommandLine& line, CLI::App& dlq);
void add_dlq_export(CommandLine& line, CLI::App& dlq);
void add_dlq_discard(CommandLine& line, CLI::App& dlq);
void add_dlq_redrive(CommandLine& line, CLI::App& dlq);
void add_dlq_try(CommandLine& line);  // after add_dlq, as those below
void add_dlq_repro(CommandLine& line);
void add_dlq_edit(CommandLine& line);
void add_top(CommandLine& line);
void add_token(CommandLine& line);  // new

}  // namespace eddy::host
