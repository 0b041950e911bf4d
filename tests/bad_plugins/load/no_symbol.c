/* SPDX-License-Identifier: Apache-2.0
 * Exports something else. */
#include "plugin.h"

BAD_NOTE(no_symbol)
EDDY_EXPORT int some_function(void) { return 1; }
