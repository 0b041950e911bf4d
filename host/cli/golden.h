// SPDX-License-Identifier: Apache-2.0
// What came of each record of a trial, held against a file: NDJSON, one line an output, dead letter or other ending.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace eddy::host {

// One record of the input and the lines that say what came of it.
struct TrialRecord {
  std::string input;
  std::vector<Json> lines;
};

// A dead letter's envelope without what differs from one run, build or machine to the next: times, ids, identities,
// frames.
Json golden_letter(std::string_view envelope);
// An output's value without the members that `ignored`, JSON pointers, name.
Json golden_output(std::string_view value, const std::vector<std::string>& ignored);

// The file of `path`: itself, or <function>.golden.ndjson in it when it is a folder.
std::string golden_file(const std::string& path, const std::string& function);

// Replaces the file.
Result<void> write_golden(const std::string& file, const std::vector<TrialRecord>& records);

// The differences for a reader, one block a record that differs; empty: none.
Result<std::string> compare_golden(const std::string& file, const std::vector<TrialRecord>& records);

}  // namespace eddy::host
