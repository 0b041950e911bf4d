// SPDX-License-Identifier: Apache-2.0
// What must hold of the keys of those who are sent the metrics.
#pragma once

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

void check_push_rules(const Settings& settings, Report& report);

}  // namespace eddy::host
