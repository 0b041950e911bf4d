/* SPDX-License-Identifier: Apache-2.0
 * Calls a function pointer that is NULL. */
#include "plugin.h"

BAD_RUN(null_call, ((void (*volatile)(void))NULL)();)
