/* SPDX-License-Identifier: Apache-2.0
 * Declares the function that the plugin "good" declares. */
#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

BAD_NOTE(duplicate_function)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  return bad_declare(registrar, registry, "good", "bad_duplicate_function_in", "bad_duplicate_function_out", process);
}

BAD_ENTRY(describe)
