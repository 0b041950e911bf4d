/* SPDX-License-Identifier: Apache-2.0
 * Makes a process. */
#include <unistd.h>

#include "hostile.h"

BAD_RUN(forks, const pid_t child = fork(); if (child == 0) _exit(0); if (child < 0) return bad_refused(call, "fork");)
