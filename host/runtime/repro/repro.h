// SPDX-License-Identifier: Apache-2.0
// A folder in which one dead letter fails again, on any machine with an eddy of this release: the bytes, the build, the
// configuration, and a script that runs them.
#pragma once

#include <optional>
#include <string>

#include "dead_letter/letter.h"
#include "function/task.h"
#include "settings/settings.h"

namespace eddy::host {

struct Repro {
  std::string folder;
  std::optional<std::string> build;  // where the build that failed was found; none: it is gone
};

// What a letter has failed with, as `eddy plugin test --expect` reads it.
std::string expected_json(const DeadLetter& letter);

// `task`: what its function is to be run with. `folder` must not exist: nothing is overwritten. Files are for the owner
// alone, as they hold the record as it is.
Result<Repro> write_repro(const Settings& settings, const DeadLetter& letter, const Task& task,
                          const std::string& letter_json, const std::string& folder);

}  // namespace eddy::host
