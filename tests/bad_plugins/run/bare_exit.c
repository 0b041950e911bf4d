/* SPDX-License-Identifier: Apache-2.0
 * Ends the process by a bare system call, past the C library. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin.h"

BAD_RUN(bare_exit, syscall(SYS_exit_group, 7);)
