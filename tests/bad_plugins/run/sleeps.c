/* SPDX-License-Identifier: Apache-2.0
 * Never comes back, asleep in the kernel. */
#include <unistd.h>

#include "plugin.h"

BAD_RUN(sleeps, for (;;) pause();)
