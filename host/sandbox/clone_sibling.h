// SPDX-License-Identifier: Apache-2.0
// A fork whose child is not ours but our parent's: the host, not the zygote, can wait for it.
#pragma once

#include <sys/types.h>

namespace eddy::host {

// As fork(), for a process of one thread; in the parent `pidfd` (close-on-exec) refers to the child. -1 and errno when
// there is none. The C library has no such fork, so what its own tells the new thread about itself is done here.
pid_t clone_sibling(int* pidfd);

}  // namespace eddy::host
