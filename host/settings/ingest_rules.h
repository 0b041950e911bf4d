// SPDX-License-Identifier: Apache-2.0
// What must hold between the keys of the ingest listener.
#pragma once

#include <string_view>

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

void check_ingest_rules(const Settings& settings, Report& report);

// "sha256:" and 64 hexadecimal digits, or an argon2id string.
bool is_token_hash(std::string_view text);

}  // namespace eddy::host
