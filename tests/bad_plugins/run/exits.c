/* SPDX-License-Identifier: Apache-2.0
 * Ends the process by exit. */
#include <stdlib.h>

#include "plugin.h"

BAD_RUN(exits, exit(3);)
