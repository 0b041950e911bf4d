/* SPDX-License-Identifier: Apache-2.0
 * Divides by zero. */
#include "plugin.h"

/* Not 1 / zero: a compiler answers that without dividing. */
BAD_RUN(fpe, volatile int zero = 0; volatile int seven = 7; zero = seven / zero;)
