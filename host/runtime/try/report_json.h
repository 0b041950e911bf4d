// SPDX-License-Identifier: Apache-2.0
// A trial's report as the command line and the admin API give it.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/try/report.h"

namespace eddy::host {

nlohmann::ordered_json to_json(const TryReport& report);

}  // namespace eddy::host
