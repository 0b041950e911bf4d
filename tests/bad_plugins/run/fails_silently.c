/* SPDX-License-Identifier: Apache-2.0
 * Fails without a reason. */
#include "plugin.h"

BAD_RUN(fails_silently, return EDDY_FAILED;)
