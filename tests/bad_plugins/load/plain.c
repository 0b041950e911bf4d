/* SPDX-License-Identifier: Apache-2.0
 * Good code; the fault is in how it is compiled or linked. */
#include "plugin.h"

BAD_RUN(plain, return EDDY_FAILED;)
