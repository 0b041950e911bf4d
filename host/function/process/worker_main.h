// SPDX-License-Identifier: Apache-2.0
// What runs inside a worker process.
#pragma once

#include <span>

namespace eddy::host {

// `fds`: the channel's, as Channel::fds() gives them. Returns the process's exit code once the host asks it to end, or
// after a call that has left the plugin half-way through something.
int worker_main(std::span<const int> fds);

}  // namespace eddy::host
