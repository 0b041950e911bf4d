/* SPDX-License-Identifier: Apache-2.0
 * Kills the process in a way nobody can catch. */
#include <signal.h>

#include "plugin.h"

BAD_RUN(kills, raise(SIGKILL);)
