// SPDX-License-Identifier: Apache-2.0
// What the commands share: exit codes, errors to stderr, the configuration, tables and JSON to stdout.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/manifest.h"
#include "runtime/record_json.h"
#include "settings/load.h"

namespace eddy::host {

using Json = nlohmann::ordered_json;

enum ExitCode : int {
  kExitDone = 0,
  kExitFailures = 1,  // it ran and found failures
  kExitUsage = 64,
  kExitBadData = 65,
  kExitUnavailable = 69,
  kExitConfig = 78,
};

int exit_code(const Error& error);
// "eddy: <text>" to stderr; returns the exit code.
int report(const Error& error);

// Options that most commands have.
struct CommonOptions {
  std::string config;  // -c; empty: config/eddy.yaml if it is there, else the defaults
  bool json = false;
};
void add_common(CLI::App& command, CommonOptions& options);

// Loads the configuration; prints every finding to stderr and returns kConfig when there is one.
Result<Settings> load(const CommonOptions& options);
// The same for a host that runs: a file without a byte is one that is being written, or that a full disk has cut, and
// no order to forget everything.
Result<Settings> load_again(const CommonOptions& options);

// Columns of text; the header in capitals, numbers right-aligned.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void row(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Standard output, whole; kUnavailable when it cannot be written (a closed pipe is no error).
void print(std::string_view text);
void print_json(const Json& json);

// Whose signature a plugin carries; null when it is not signed, or nobody asked.
Json signer_json(const Signer& signer);

}  // namespace eddy::host
