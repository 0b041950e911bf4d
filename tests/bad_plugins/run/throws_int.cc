/* SPDX-License-Identifier: Apache-2.0
 * Throws an int through the C interface. */
#include "plugin.h"

BAD_RUN(throws_int, throw 42;)
