// SPDX-License-Identifier: Apache-2.0
// What redrives need of the host that runs.
#pragma once

#include <functional>
#include <string>

#include "redrive/sender.h"
#include "runtime/host_view.h"

namespace eddy::host {

// `start_reading` makes the control thread bind functions again, for a redrive stream that was made just now. All it is
// given outlives it.
RedriveContext redrive_context(Transport& transport, const Clock& clock, const HostViewBox& view,
                               std::function<Result<std::unique_ptr<TriageIndex>>()> open_index,
                               std::function<void()> start_reading);

}  // namespace eddy::host
