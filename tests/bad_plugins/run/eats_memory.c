/* SPDX-License-Identifier: Apache-2.0
 * Takes memory until there is none, and says so. */
#include <stdlib.h>

#include "hostile.h"

/* A GiB in pieces; what was taken is not given back: the next call finds as little. */
static int eat(void) {
  for (int i = 0; i < 1024; ++i) {
    void* const piece = malloc(1 << 20);
    if (piece == NULL) return 0;
    memset(piece, 1, 1 << 20);
  }
  return 1;
}

BAD_RUN(eats_memory, errno = ENOMEM; if (!eat()) return bad_refused(call, "malloc");)
