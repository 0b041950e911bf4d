/* SPDX-License-Identifier: Apache-2.0
 * Its instance cannot be made, or takes long to make: CREATE is the statement. */
#define _DEFAULT_SOURCE
#include <unistd.h>

#include "plugin.h"

static uint32_t create(void* user, eddy_call* call, eddy_str config, void** instance) {
  (void)user;
  (void)config;
  (void)instance;
  (void)call;
  CREATE;
  return EDDY_FAILED;
}
static void destroy(void* user, void* instance) {
  (void)user;
  (void)instance;
}
static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("bad_" NAME, "1.0.0");

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  eddy_function_decl decl = bad_transform("bad_" NAME, "bad_" NAME "_in", "bad_" NAME "_out", process);
  decl.create = create;
  decl.destroy = destroy;
  bad_declare_stream(registrar, registry, "bad_" NAME "_in");
  bad_declare_stream(registrar, registry, "bad_" NAME "_out");
  return registrar->function(registry, &decl);
}

BAD_ENTRY(describe)
