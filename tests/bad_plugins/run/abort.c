/* SPDX-License-Identifier: Apache-2.0
 * Calls abort. */
#include <stdlib.h>

#include "plugin.h"

BAD_RUN(abort, abort();)
