// SPDX-License-Identifier: Apache-2.0
// From the configuration to whose plugins are loaded, and what is said about it.
#pragma once

#include <string>

#include "base/result.h"
#include "plugin/registry.h"
#include "plugin/trust.h"
#include "settings/settings.h"

namespace eddy::host {

// The keys of plugins.trusted_keys, those in files read now. kConfig, with the place, for one that cannot be had.
Result<Trust> open_trust(const Settings& settings);

// ", signed by ops (0123456789abcdef)", ", not signed" where keys are trusted, or nothing.
std::string signed_by(const Signer& signer, const Settings& settings);

// Warns of what runs and would not be loaded now.
void tell_distrusted(const Registry& registry, const Trust& trust);

}  // namespace eddy::host
