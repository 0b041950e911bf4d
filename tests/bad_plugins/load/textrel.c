/* SPDX-License-Identifier: Apache-2.0
 * An address in the code that has to be patched when the file is loaded. */
#include "plugin.h"

__asm__(
    ".text\n"
    "bad_patched: .quad bad_patched\n");

BAD_RUN(textrel, return EDDY_FAILED;)
