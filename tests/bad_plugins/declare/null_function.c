/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin.h"

BAD_PLUGIN(null_function, NULL)
