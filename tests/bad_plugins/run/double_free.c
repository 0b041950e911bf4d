/* SPDX-License-Identifier: Apache-2.0
 * Frees a block twice. */
#include <stdlib.h>

#include "plugin.h"

BAD_RUN(double_free, void* volatile block = malloc(64); free(block); free(block);)
