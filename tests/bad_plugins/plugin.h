/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole plugin in one line, for plugins that have one fault each. C11 and C++.
 *
 *   BAD_PLUGIN(segv, process)    plugin and function "bad_segv": a raw transform from "bad_segv_in" to "bad_segv_out"
 *
 * BAD_IS_BAD(input): the record is meant to trigger the fault: its value begins with "bad". All others are passed on.
 */
#ifndef EDDY_BAD_PLUGIN_H
#define EDDY_BAD_PLUGIN_H

#include <string.h>

#include "eddy/abi.h"

#ifdef __cplusplus
#define BAD_EXTERN extern "C"
#else
#define BAD_EXTERN extern
#endif

static const eddy_host* bad_host;

typedef uint32_t (*bad_process)(void* user, void* instance, const eddy_input* input, eddy_call* call);

static inline eddy_str bad_str(const char* text) {
  eddy_str str;
  str.data = text;
  str.size = text == NULL ? 0 : strlen(text);
  return str;
}

static inline int bad_is_bad(const eddy_input* input) {
  const eddy_str value = input->record->value;
  return value.data != NULL && value.size >= 3 && memcmp(value.data, "bad", 3) == 0;
}
#define BAD_IS_BAD(input) bad_is_bad(input)

/* Passes the record on as it is. */
static inline uint32_t bad_pass(const eddy_input* input, eddy_call* call) {
  eddy_output output;
  memset(&output, 0, sizeof output);
  output.struct_size = sizeof output;
  output.value = input->record->value;
  return bad_host->emit(call, &output);
}

static inline uint32_t bad_declare_stream(const eddy_registrar* registrar, eddy_registry* registry, const char* name) {
  eddy_stream_decl decl;
  memset(&decl, 0, sizeof decl);
  decl.struct_size = sizeof decl;
  decl.name = bad_str(name);
  return registrar->stream(registry, &decl);
}

static inline eddy_function_decl bad_transform(const char* name, const char* from, const char* to,
                                               bad_process process) {
  eddy_function_decl decl;
  memset(&decl, 0, sizeof decl);
  decl.struct_size = sizeof decl;
  decl.kind = EDDY_FUNCTION_TRANSFORM;
  decl.input = EDDY_INPUT_RECORD;
  decl.name = bad_str(name);
  decl.source = bad_str(from);
  decl.destination = bad_str(to);
  decl.process = process;
  return decl;
}

/* Two streams and a transform between them. */
static inline uint32_t bad_declare(const eddy_registrar* registrar, eddy_registry* registry, const char* name,
                                   const char* from, const char* to, bad_process process) {
  const eddy_function_decl decl = bad_transform(name, from, to, process);
  if (bad_declare_stream(registrar, registry, from) != EDDY_OK) return EDDY_FAILED;
  if (bad_declare_stream(registrar, registry, to) != EDDY_OK) return EDDY_FAILED;
  return registrar->function(registry, &decl);
}

/* The entry function over a describe function of one's own. */
#define BAD_ENTRY(DESCRIBE)                                                                        \
  static const eddy_plugin bad_plugin_ = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, DESCRIBE, NULL}; \
  BAD_EXTERN EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* host) {              \
    bad_host = host;                                                                               \
    return &bad_plugin_;                                                                           \
  }

#define BAD_NOTE(NAME)     \
  EDDY_DEFINE_ABI_NOTE(0); \
  EDDY_DEFINE_INFO_NOTE("bad_" #NAME, "1.0.0");

#define BAD_PLUGIN(NAME, PROCESS)                                                                            \
  BAD_NOTE(NAME)                                                                                             \
  static uint32_t bad_describe_(const eddy_registrar* registrar, eddy_registry* registry) {                  \
    return bad_declare(registrar, registry, "bad_" #NAME, "bad_" #NAME "_in", "bad_" #NAME "_out", PROCESS); \
  }                                                                                                          \
  BAD_ENTRY(bad_describe_)

/* A plugin whose function does STATEMENTS with a bad record, and passes the others on. */
#define BAD_RUN(NAME, ...)                                                                             \
  static uint32_t bad_process_(void* user, void* instance, const eddy_input* input, eddy_call* call) { \
    (void)user;                                                                                        \
    (void)instance;                                                                                    \
    if (BAD_IS_BAD(input)) {                                                                           \
      __VA_ARGS__                                                                                      \
    }                                                                                                  \
    return bad_pass(input, call);                                                                      \
  }                                                                                                    \
  BAD_PLUGIN(NAME, bad_process_)

#endif
