/* SPDX-License-Identifier: Apache-2.0
 * Divides by zero. */
#include "plugin.h"

BAD_RUN(fpe, volatile int zero = 0; zero = 1 / zero;)
