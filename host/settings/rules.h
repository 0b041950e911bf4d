// SPDX-License-Identifier: Apache-2.0
// What must hold between keys, beyond what the field table says of each.
#pragma once

#include <string>

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

void check_rules(const Settings& settings, Report& report);

// Why a function's settings, all sections laid over each other, cannot hold together; empty when they can. Two globs
// may meet in a function's name alone, so a file that passes check_rules() may still have such a function.
std::string policy_conflict(const FunctionSettings& settings);

// The same of a queue: "table: …".
std::string queue_conflict(const QueueSettings& settings);

}  // namespace eddy::host
