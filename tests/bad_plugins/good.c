/* SPDX-License-Identifier: Apache-2.0
 * Without a fault, in C11. Built in several versions and with several linkers. */
#include "plugin.h"

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef DESTINATION
#define DESTINATION "good_out"
#endif

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("good", VERSION);

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  return bad_declare(registrar, registry, "good", "good_in", DESTINATION, process);
}

BAD_ENTRY(describe)
