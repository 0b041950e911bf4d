// SPDX-License-Identifier: Apache-2.0
// The zygote process itself.
#pragma once

#include <optional>

#include "sandbox/child_role.h"

namespace eddy::host {

// The first thing in main(), before any thread: when this process was started to be a zygote it serves its host, and
// this returns the exit code once the host has gone. A zygote has one thread, no descriptors of the host's, and nothing
// of the host's memory; its children run `child_main`.
std::optional<int> zygote_main(int argc, char** argv, ChildMain child_main);

// Whether main() has called it: executing any other program again would do whatever that program does.
bool can_be_zygote();

}  // namespace eddy::host
