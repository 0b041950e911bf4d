// SPDX-License-Identifier: Apache-2.0
// What must hold between the keys of the admin listener.
#pragma once

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

void check_admin_rules(const Settings& settings, Report& report);

// "admin.listen: …": why this address may not be listened on with these settings; empty: it may.
std::string admin_exposure(const AdminSettings& settings);

}  // namespace eddy::host
