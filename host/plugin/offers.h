// SPDX-License-Identifier: Apache-2.0
// Step "describe", second part: what a plugin offers beside its declarations, in extension tables that the host asks
// for.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "eddy/abi.h"
#include "guard/code_range.h"
#include "plugin/manifest.h"

namespace eddy::host {

// Adds what the functions of `manifest` offer to them. `plugin`: a copy, zero behind what it was given with. A table
// that is not as its header says is a refusal, as a declaration would be; no table is no offer. [control thread]
Result<void> read_offers(const eddy_plugin& plugin, const CodeRange& code, std::uint32_t timeout_ms,
                         Manifest& manifest);

}  // namespace eddy::host
