/* SPDX-License-Identifier: Apache-2.0
 * A plugin of the next major: its entry function has another name. */
#include "plugin.h"

EDDY_DEFINE_ABI_NOTE(0);
EDDY_EXPORT const void* eddy_plugin_main_v2(const void* host) { return host; }
