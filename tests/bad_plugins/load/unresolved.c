/* SPDX-License-Identifier: Apache-2.0
 * Uses a function that no library has. */
#include "plugin.h"

extern void bad_function_that_is_nowhere(void);

BAD_RUN(unresolved, bad_function_that_is_nowhere();)
