/* SPDX-License-Identifier: Apache-2.0
 * Returns a status there is not. */
#include "plugin.h"

BAD_RUN(unknown_status, return 4711;)
