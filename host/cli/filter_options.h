// SPDX-License-Identifier: Apache-2.0
// The options that say which dead letters are meant, the same for all commands.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "triage/letter_filter.h"

namespace eddy::host {

// As given; filled by CLI11.
struct FilterOptions {
  std::string group, type, since, until, where, function;
  std::vector<std::string> match, states;
  bool reveal = false;  // `match` may look at what redact hides
};
void add_filter(CLI::App& command, FilterOptions& options);
// --reveal, for commands that show nothing whole. Who gives it and a match is noted: note_match().
void add_reveal(CLI::App& command, FilterOptions& options);
// In the audit log; nothing must be shown when that cannot be done.
Result<void> note_match(const FilterOptions& options, const Settings& settings, const std::string& action,
                        const std::string& queue);

// What they mean now. kUsage, naming the option, when one has no such meaning.
Result<LetterFilter> filter_of(const FilterOptions& options);
// As a request's body has it.
Result<Json> filter_json(const FilterOptions& options);

}  // namespace eddy::host
