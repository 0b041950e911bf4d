/* SPDX-License-Identifier: Apache-2.0
 * Offers the state of its function, or something that only looks like it. */
#include <eddy/ext/state.h>

#include "plugin.h"

#ifndef SAVE
#define SAVE &save
#endif
#ifndef STATE_SIZE
#define STATE_SIZE sizeof(eddy_state)
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(eddy_state_ext)
#endif
#ifndef TABLE
#define TABLE &table
#endif
#ifndef OF
#define OF (void)0
#endif

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("bad_" NAME, "1.0.0");

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

static uint32_t save(void* user, void* instance, eddy_call* call, const eddy_state_writer* to) {
  (void)user;
  (void)instance;
  return to->write(call, bad_str("state"));
}

static uint32_t load(void* user, void* instance, eddy_call* call, uint32_t version, eddy_str bytes) {
  (void)user;
  (void)instance;
  (void)call;
  return version == 7 && bytes.size == 5 ? EDDY_OK : EDDY_FAILED;
}

static const eddy_state* of(eddy_str function) {
  static eddy_state state;
  OF;
  if (function.size != strlen("bad_" NAME) || memcmp(function.data, "bad_" NAME, function.size) != 0) return NULL;
  state.struct_size = STATE_SIZE;
  state.version = 7;
  state.save = SAVE;
  state.load = &load;
  (void)save;
  return &state;
}

static const void* extension(const char* name) {
  static const eddy_state_ext table = {TABLE_SIZE, 0, &of};
  (void)table;
  return strcmp(name, EDDY_STATE) == 0 ? TABLE : NULL;
}

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_function_decl other = bad_transform("bad_" NAME "_other", "bad_" NAME "_in", "bad_" NAME "_out", process);
  if (bad_declare(registrar, registry, "bad_" NAME, "bad_" NAME "_in", "bad_" NAME "_out", process) != EDDY_OK) {
    return EDDY_FAILED;
  }
  return registrar->function(registry, &other);
}

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* host) {
  static const eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, &describe, &extension};
  bad_host = host;
  return &plugin;
}
