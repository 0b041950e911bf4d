/* SPDX-License-Identifier: Apache-2.0
 * A consumer that copes with text and not with every edge: FAULT says how it fails on a record without a value.
 */
#include <eddy/abi.h>
#include <signal.h>
#include <string.h>

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("edgy", "1.0.0");

static const eddy_host* host;

static eddy_str text(const char* literal) {
  eddy_str result = {literal, strlen(literal)};
  return result;
}

static uint32_t take(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  const eddy_str value = input->record->value;
  (void)user;
  (void)instance;
  (void)call;
  if (value.data != NULL) return EDDY_OK;
#if FAULT == 1
  return *(const volatile char*)value.data == 0 ? EDDY_OK : EDDY_FILTERED;
#elif FAULT == 2
  return EDDY_FAILED;
#elif FAULT == 3
  for (;;) {
    if (host->now_us() < 0) break;
  }
  return EDDY_OK;
#elif FAULT == 4
  raise(SIGKILL);
  return EDDY_OK;
#else
  host->fail(call, EDDY_FAIL_PLAIN, text("NoValue"), text("a tombstone"));
  return EDDY_FAILED;
#endif
}

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  eddy_stream_decl stream = {0};
  eddy_function_decl function = {0};
  stream.struct_size = sizeof stream;
  stream.name = text("edges");
  if (registrar->stream(registry, &stream) != EDDY_OK) return EDDY_FAILED;
  function.struct_size = sizeof function;
  function.kind = EDDY_FUNCTION_CONSUMER;
  function.input = EDDY_INPUT_RECORD;
  function.name = text("take");
  function.source = text("edges");
  function.process = take;
  return registrar->function(registry, &function);
}

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* the_host) {
  static const eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, describe, NULL};
  host = the_host;
  return &plugin;
}
