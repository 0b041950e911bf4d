/* SPDX-License-Identifier: Apache-2.0
 * Writes to a stream whose name it misspells. */
#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

BAD_NOTE(unknown_stream)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_function_decl decl =
      bad_transform("bad_unknown_stream", "bad_unknown_stream_in", "bad_unknown_steam_out", process);
  bad_declare_stream(registrar, registry, "bad_unknown_stream_in");
  bad_declare_stream(registrar, registry, "bad_unknown_stream_out");
  return registrar->function(registry, &decl);
}

BAD_ENTRY(describe)
