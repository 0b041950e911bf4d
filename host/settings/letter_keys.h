// SPDX-License-Identifier: Apache-2.0
// The keys that dead letters are encrypted with, taken from where the configuration says they are.
#pragma once

#include <string>

#include "settings/report.h"
#include "settings/settings.h"

namespace eddy::host {

// Names the place of a key; never the key itself. Empty: there is none.
std::string key_source(const EncryptionSettings& encryption);

// Reads every key that a queue's section names, now. A finding for each that cannot be had.
void read_letter_keys(Settings& settings, Report& report);

}  // namespace eddy::host
