/* SPDX-License-Identifier: Apache-2.0
 * Without a fault, in C11: a model, a table, a queue, an ingest API, and every kind of function. */
#include "plugin.h"

static const eddy_type text = {sizeof(eddy_type), EDDY_TYPE_STRING, NULL, NULL, NULL, 0};
static const eddy_type whole = {sizeof(eddy_type), EDDY_TYPE_I64, NULL, NULL, NULL, 0};
static const eddy_field fields[] = {{sizeof(eddy_field), EDDY_FIELD_KEY, {"name", 4}, &text},
                                    {sizeof(eddy_field), 0, {"count", 5}, &whole}};
static const eddy_model model = {sizeof(eddy_model), 2, sizeof(eddy_field), 0, {"Counted", 7}, fields, NULL};

static uint32_t create(void* user, eddy_call* call, eddy_str config, void** instance) {
  (void)call;
  (void)config;
  *instance = user;
  return EDDY_OK;
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

static uint32_t declare_data(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_stream_decl in = {sizeof in, 4, 2, 0, bad_str("c11_in"), &model, bad_str("c11_dlq"), {NULL, 0}};
  const eddy_stream_decl out = {sizeof out, 0, 0, 0, bad_str("c11_out"), &model, {NULL, 0}, bad_str("c11_rows")};
  const eddy_queue_decl queue = {sizeof queue, 9, bad_str("c11_dlq"), &model};
  const eddy_table_decl table = {sizeof table, 0, bad_str("c11_rows"), &model};
  const eddy_ingest_api_decl api = {sizeof api,        0, bad_str("c11"), bad_str("v1"), &model, bad_str("c11_in"),
                                    bad_str("c11_dlq")};
  if (registrar->stream(registry, &in) != EDDY_OK || registrar->stream(registry, &out) != EDDY_OK) return EDDY_FAILED;
  if (registrar->queue(registry, &queue) != EDDY_OK) return EDDY_FAILED;
  if (registrar->table(registry, &table) != EDDY_OK) return EDDY_FAILED;
  return registrar->ingest_api(registry, &api);
}

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  if (declare_data(registrar, registry) != EDDY_OK) return EDDY_FAILED;
  eddy_function_decl transform = bad_transform("c11_transform", "c11_in", "c11_out", process);
  transform.input = EDDY_INPUT_ROW;
  transform.input_model = &model;
  transform.output_model = &model;
  transform.concurrency = 2;
  transform.create = create;
  transform.destroy = destroy;
  eddy_function_decl consumer = bad_transform("c11_consumer", "c11_in", NULL, process);
  consumer.kind = EDDY_FUNCTION_CONSUMER;
  eddy_function_decl router = bad_transform("c11_router", "c11_in", NULL, process);
  router.kind = EDDY_FUNCTION_MULTI_TRANSFORM;
  eddy_function_decl recovery = bad_transform("c11_recovery", "c11_dlq", "c11_in", process);
  recovery.input = EDDY_INPUT_DEAD_LETTER;
  recovery.input_model = &model;
  const eddy_function_decl* all[] = {&transform, &consumer, &router, &recovery};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    if (registrar->function(registry, all[i]) != EDDY_OK) return EDDY_FAILED;
  }
  return EDDY_OK;
}

BAD_NOTE(c11)
BAD_ENTRY(describe)
