// SPDX-License-Identifier: Apache-2.0
// What the headers keep inside one plugin: two versions of a plugin live side by side in one process.
#pragma once

#if defined(__GNUC__)
#define EDDY_HIDDEN __attribute__((visibility("hidden")))
#define EDDY_COLD __attribute__((cold, noinline))
#else
#define EDDY_HIDDEN
#define EDDY_COLD
#endif
