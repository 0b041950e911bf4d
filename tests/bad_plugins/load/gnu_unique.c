/* SPDX-License-Identifier: Apache-2.0
 * Defines bad::counter as g++ defines inline variables: unified in the whole process, so shared by two versions. */
#include "plugin.h"

__asm__(
    ".pushsection .data\n"
    ".globl _ZN3bad7counterE\n"
    ".type _ZN3bad7counterE, @gnu_unique_object\n"
    ".size _ZN3bad7counterE, 8\n"
    "_ZN3bad7counterE: .quad 0\n"
    ".popsection\n");

BAD_RUN(gnu_unique, return EDDY_FAILED;)
