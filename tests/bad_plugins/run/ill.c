/* SPDX-License-Identifier: Apache-2.0
 * Runs an instruction that does not exist. */
#include "plugin.h"

BAD_RUN(ill, __builtin_trap();)
