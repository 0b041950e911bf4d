// SPDX-License-Identifier: Apache-2.0
// What must hold of webhooks.
#pragma once

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

void check_webhook_rules(const Settings& settings, Report& report);

}  // namespace eddy::host
