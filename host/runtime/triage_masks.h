// SPDX-License-Identifier: Apache-2.0
// What the triage index hides, as the settings say.
#pragma once

#include "settings/settings.h"
#include "triage/triage_index.h"

namespace eddy::host {

TriageMasks masks_of(const Settings& settings);

}  // namespace eddy::host
