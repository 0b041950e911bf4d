/* SPDX-License-Identifier: Apache-2.0
 * Ends the process by _exit. */
#include <unistd.h>

#include "plugin.h"

BAD_RUN(exits_at_once, _exit(4);)
