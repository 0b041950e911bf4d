// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace eddy::host {

extern const char* const kVersion;   // "0.1.0"
extern const char* const kRevision;  // short commit hash, or "unknown"

}  // namespace eddy::host
