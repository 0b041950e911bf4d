/* SPDX-License-Identifier: Apache-2.0
 * Reads a file that is not its business. */
#include <fcntl.h>

#include "hostile.h"

BAD_RUN(opens, if (open("/etc/passwd", O_RDONLY) < 0) return bad_refused(call, "open");)
