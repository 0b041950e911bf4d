// SPDX-License-Identifier: Apache-2.0
// The first steps of a child: what every child is, whatever it does.
#pragma once

#include <sys/types.h>

#include <string>

namespace eddy::host {

// Its own process group, killed with the host `parent`, no core files, umask 077, the first to go when memory is short.
// `lifeline`: when the host's end closes, as it does when the host executes itself anew, the kernel sends SIGKILL.
// Ends the process when the host is gone already.
void set_up_child(pid_t parent, int lifeline, const std::string& name);

// Ends the process at once, without destructors.
[[noreturn]] void end_process(int code);

}  // namespace eddy::host
