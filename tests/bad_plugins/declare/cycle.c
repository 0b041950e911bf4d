/* SPDX-License-Identifier: Apache-2.0
 * Two transforms that feed each other. */
#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

BAD_NOTE(cycle)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_function_decl back = bad_transform("bad_cycle_back", "bad_cycle_out", "bad_cycle_in", process);
  bad_declare(registrar, registry, "bad_cycle", "bad_cycle_in", "bad_cycle_out", process);
  return registrar->function(registry, &back);
}

BAD_ENTRY(describe)
