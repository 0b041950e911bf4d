/* SPDX-License-Identifier: Apache-2.0
 * Never comes back, without a system call. */
#include "plugin.h"

BAD_RUN(spins, for (volatile int i = 0;; ++i);)
