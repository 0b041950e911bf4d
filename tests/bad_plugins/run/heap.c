/* SPDX-License-Identifier: Apache-2.0
 * Writes past the end of a block, over the bookkeeping of the heap, and frees it. */
#include <stdlib.h>

#include "plugin.h"

static void* volatile bad_block;

BAD_RUN(heap, bad_block = malloc(2000); memset((char*)bad_block - 16, 0x41, 4096); free(bad_block);
        bad_block = malloc(3000);)
