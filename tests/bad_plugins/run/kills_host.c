/* SPDX-License-Identifier: Apache-2.0
 * Kills the process that started it. */
#include <signal.h>
#include <unistd.h>

#include "hostile.h"

BAD_RUN(kills_host, if (kill(getppid(), SIGKILL) != 0) return bad_refused(call, "kill");)
