/* SPDX-License-Identifier: Apache-2.0
 * Builds of one plugin that differ in what they do with a bad record: DOES is the statement. */
#include <signal.h>

#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  if (BAD_IS_BAD(input)) {
    DOES;
  }
  return bad_pass(input, call);
}

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("bad_letters", VERSION);

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  return bad_declare(registrar, registry, "bad_letters", "bad_letters_in", "bad_letters_out", process);
}

BAD_ENTRY(describe)
