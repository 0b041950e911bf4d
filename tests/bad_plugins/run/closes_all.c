/* SPDX-License-Identifier: Apache-2.0
 * Closes every file descriptor there is. */
#define _GNU_SOURCE
#include <unistd.h>

#include "plugin.h"

BAD_RUN(closes_all, for (int fd = 0; fd < 65536; ++fd) close(fd);)
