/* SPDX-License-Identifier: Apache-2.0
 * Without a fault, but it needs a stream that only the plugin "good" declares. */
#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

BAD_NOTE(reader)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_function_decl decl = bad_transform("bad_reader", "good_out", "bad_reader_out", process);
  if (bad_declare_stream(registrar, registry, "bad_reader_out") != EDDY_OK) return EDDY_FAILED;
  return registrar->function(registry, &decl);
}

BAD_ENTRY(describe)
