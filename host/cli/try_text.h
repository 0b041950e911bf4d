// SPDX-License-Identifier: Apache-2.0
// A trial's report for a reader.
#pragma once

#include <string>

#include "runtime/try/report.h"

namespace eddy::host {

// Groups first, the largest on top, then good records, then diffs.
std::string report_text(const TryReport& report);

}  // namespace eddy::host
