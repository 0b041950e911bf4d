/* SPDX-License-Identifier: Apache-2.0
 * Writes to an address that is not mapped. */
#include "plugin.h"

BAD_RUN(segv, *(volatile int*)16 = 1;)
