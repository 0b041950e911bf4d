// SPDX-License-Identifier: Apache-2.0
// Commands that change something are in the audit log of the host's data_dir, as what operators do by the API is.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"

namespace eddy::host {

// "user anna": the one who runs the command, whatever the environment says.
std::string user_name();

// Writes that `action` ("eddy put") begins, runs it, and writes how it ended: what it gives is the result in words.
// When the first cannot be written nothing is done, and that is the error. `parameters`: no secrets, no contents of
// records.
Result<std::string> audited(const Settings& settings, const std::string& action, const Json& parameters,
                            const std::function<Result<std::string>()>& run);

// Notes that something is shown that `redact` hides; nothing must be shown when that cannot be noted.
Result<void> note_reveal(const Settings& settings, const std::string& action, const Json& parameters);

}  // namespace eddy::host
