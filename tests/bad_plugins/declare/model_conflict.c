/* SPDX-License-Identifier: Apache-2.0
 * Writes one model to a stream of another. */
#include "plugin.h"

static const eddy_type text = {sizeof(eddy_type), EDDY_TYPE_STRING, NULL, NULL, NULL, 0};
static const eddy_type whole = {sizeof(eddy_type), EDDY_TYPE_I64, NULL, NULL, NULL, 0};
static const eddy_field text_field[] = {{sizeof(eddy_field), 0, {"count", 5}, &text}};
static const eddy_field whole_field[] = {{sizeof(eddy_field), 0, {"count", 5}, &whole}};
static const eddy_model text_model = {sizeof(eddy_model), 1, sizeof(eddy_field), 0, {"Counted", 7}, text_field, NULL};
static const eddy_model whole_model = {sizeof(eddy_model), 1, sizeof(eddy_field), 0, {"Counted", 7}, whole_field, NULL};

static uint32_t process(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  return bad_pass(input, call);
}

BAD_NOTE(model_conflict)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_stream_decl out = {sizeof out,   0,         0,        0, bad_str("bad_model_conflict_out"),
                                &whole_model, {NULL, 0}, {NULL, 0}};
  eddy_function_decl decl =
      bad_transform("bad_model_conflict", "bad_model_conflict_in", "bad_model_conflict_out", process);
  decl.output_model = &text_model;
  bad_declare_stream(registrar, registry, "bad_model_conflict_in");
  registrar->stream(registry, &out);
  return registrar->function(registry, &decl);
}

BAD_ENTRY(describe)
