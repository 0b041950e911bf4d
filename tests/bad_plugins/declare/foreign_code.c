/* SPDX-License-Identifier: Apache-2.0
 * Its process function is not in its code. */
#include "plugin.h"

BAD_PLUGIN(foreign_code, (bad_process)(void*)8)
