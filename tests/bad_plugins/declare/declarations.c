/* SPDX-License-Identifier: Apache-2.0
 * Declarations that cannot be taken, one fault each: every one must be told. */
#include "plugin.h"

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}
static void destroy(void* user, void* instance) {
  (void)user;
  (void)instance;
}

BAD_NOTE(declarations)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  bad_declare_stream(registrar, registry, NULL);
  bad_declare_stream(registrar, registry, "a name with spaces");
  registrar->queue(registry, NULL);
  const eddy_table_decl table = {sizeof table, 0, bad_str("t"), NULL};
  registrar->table(registry, &table);
  eddy_function_decl decl = bad_transform("f_kind", "in", "out", process);
  decl.kind = 9;
  registrar->function(registry, &decl);
  decl = bad_transform("f_row", "in", "out", process);
  decl.input = EDDY_INPUT_ROW;
  registrar->function(registry, &decl);
  decl = bad_transform("f_destination", "in", NULL, process);
  registrar->function(registry, &decl);
  decl = bad_transform("f_workers", "in", "out", process);
  decl.concurrency = 5000;
  registrar->function(registry, &decl);
  decl = bad_transform("f_destroy", "in", "out", process);
  decl.destroy = destroy;
  registrar->function(registry, &decl);
  decl = bad_transform("f_size", "in", "out", process);
  decl.struct_size = 24;
  registrar->function(registry, &decl);
  return EDDY_OK;
}

BAD_ENTRY(describe)
