/* SPDX-License-Identifier: Apache-2.0
 * A plugin in C11 on the ABI alone: the transform `shout` copies stream `said` to stream `shouted` in upper case.
 * An empty value is filtered; a record without a value fails.
 */
#include <eddy/abi.h>
#include <string.h>

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("c_minimal", "1.0.0");

static const eddy_host* host;

static eddy_str text(const char* literal) {
  eddy_str result = {literal, strlen(literal)};
  return result;
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }

static uint32_t fail(eddy_call* call, const char* type, const char* message) {
  host->fail(call, EDDY_FAIL_PLAIN, text(type), text(message));
  return EDDY_FAILED;
}

static uint32_t shout(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  const eddy_str value = input->record->value;
  eddy_output output = {0};
  char* copy;
  uint64_t i;
  (void)user;
  (void)instance;
  if (value.data == NULL) return fail(call, "NoValue", "the record has no value (a tombstone)");
  if (value.size == 0) return EDDY_FILTERED;
  copy = host->scratch(call, value.size);
  if (copy == NULL) return fail(call, "NoMemory", "the host has no memory for the output");
  for (i = 0; i < value.size; ++i) copy[i] = upper(value.data[i]);
  output.struct_size = sizeof output;
  output.value.data = copy;
  output.value.size = value.size;
  return host->emit(call, &output);
}

static uint32_t add_stream(const eddy_registrar* registrar, eddy_registry* registry, const char* name) {
  eddy_stream_decl stream = {0};
  stream.struct_size = sizeof stream;
  stream.name = text(name);
  return registrar->stream(registry, &stream);
}

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  eddy_function_decl function = {0};
  if (add_stream(registrar, registry, "said") != EDDY_OK) return EDDY_FAILED;
  if (add_stream(registrar, registry, "shouted") != EDDY_OK) return EDDY_FAILED;
  function.struct_size = sizeof function;
  function.kind = EDDY_FUNCTION_TRANSFORM;
  function.input = EDDY_INPUT_RECORD;
  function.name = text("shout");
  function.source = text("said");
  function.destination = text("shouted");
  function.process = shout;
  return registrar->function(registry, &function);
}

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* the_host) {
  static const eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, describe, NULL};
  if (the_host == NULL || the_host->abi_major != EDDY_ABI_MAJOR || !EDDY_HAS(the_host, scratch)) return NULL;
  host = the_host;
  return &plugin;
}
