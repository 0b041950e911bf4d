/* SPDX-License-Identifier: Apache-2.0
 * Calls a function pointer that is NULL. */
#include "plugin.h"

/* A variable, not a cast constant: a compiler may leave that call out. */
static void (*volatile nothing)(void) = NULL;

BAD_RUN(null_call, nothing();)
