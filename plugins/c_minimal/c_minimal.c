/* SPDX-License-Identifier: Apache-2.0
 * A plugin in C11 on the ABI alone: the transform `fahrenheit` reads lines such as "oslo 21.5" from the stream
 * `celsius` and writes "OSLO 70.7" to the stream `fahrenheit`. A blank line is filtered. What it refuses goes to the
 * queue `celsius_failed`. What it takes for impossible is abort(): C has no exceptions, and the host makes a dead
 * letter of the signal.
 */
#include <eddy/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("c_minimal", "1.0.0");

static const eddy_host* host;

static eddy_str text(const char* literal) {
  eddy_str result = {literal, strlen(literal)};
  return result;
}

static uint32_t fail(eddy_call* call, const char* type, const char* message) {
  host->fail(call, EDDY_FAIL_PLAIN, text(type), text(message));
  return EDDY_FAILED;
}

/* Takes the next word off `*rest`; its size is 0 when there is none. */
static eddy_str next_word(eddy_str* rest) {
  eddy_str word;
  while (rest->size > 0 && strchr(" \t\r\n", rest->data[0]) != NULL && rest->data[0] != '\0') {
    ++rest->data;
    --rest->size;
  }
  word.data = rest->data;
  word.size = 0;
  while (rest->size > 0 && (rest->data[0] == '\0' || strchr(" \t\r\n", rest->data[0]) == NULL)) {
    ++word.size;
    ++rest->data;
    --rest->size;
  }
  return word;
}

/* False when the word is no number: digits, with a sign and a point if need be. */
static int read_number(eddy_str word, double* number) {
  char copy[64];
  char* end;
  if (word.size == 0 || word.size >= sizeof copy) return 0;
  memcpy(copy, word.data, word.size);
  copy[word.size] = '\0';
  if (strspn(copy, "-.0123456789") != word.size) return 0;
  *number = strtod(copy, &end);
  return end == copy + word.size;
}

static uint32_t fahrenheit(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  eddy_str rest = input->record->value;
  eddy_output output = {0};
  eddy_str place, number;
  double celsius;
  char* line;
  uint64_t i;
  (void)user;
  (void)instance;
  if (rest.data == NULL) return fail(call, "NoValue", "the record has no value (a tombstone)");
  place = next_word(&rest);
  if (place.size == 0) return EDDY_FILTERED;
  number = next_word(&rest);
  if (number.size == 0) return fail(call, "NoNumber", "a place without a temperature");
  if (!read_number(number, &celsius)) return fail(call, "NotANumber", "the second word is not a number");
  if (celsius < -273.15) abort();
  line = host->scratch(call, place.size + 100); /* no number here has more than 70 characters */
  if (line == NULL) return fail(call, "NoMemory", "the host has no memory for the output");
  for (i = 0; i < place.size; ++i) {
    const char c = place.data[i];
    line[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  output.struct_size = sizeof output;
  output.value.data = line;
  output.value.size = place.size + (uint64_t)snprintf(line + place.size, 100, " %.1f", celsius * 1.8 + 32.0);
  return host->emit(call, &output);
}

static uint32_t add_stream(const eddy_registrar* registrar, eddy_registry* registry, const char* name,
                           const char* queue) {
  eddy_stream_decl stream = {0};
  stream.struct_size = sizeof stream;
  stream.name = text(name);
  if (queue != NULL) stream.dead_letter_queue = text(queue);
  return registrar->stream(registry, &stream);
}

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  eddy_queue_decl queue = {0};
  eddy_function_decl function = {0};
  queue.struct_size = sizeof queue;
  queue.name = text("celsius_failed");
  if (registrar->queue(registry, &queue) != EDDY_OK) return EDDY_FAILED;
  if (add_stream(registrar, registry, "celsius", "celsius_failed") != EDDY_OK) return EDDY_FAILED;
  if (add_stream(registrar, registry, "fahrenheit", NULL) != EDDY_OK) return EDDY_FAILED;
  function.struct_size = sizeof function;
  function.kind = EDDY_FUNCTION_TRANSFORM;
  function.input = EDDY_INPUT_RECORD;
  function.name = text("fahrenheit");
  function.source = text("celsius");
  function.destination = text("fahrenheit");
  function.process = fahrenheit;
  return registrar->function(registry, &function);
}

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* the_host) {
  static const eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, describe, NULL};
  if (the_host == NULL || the_host->abi_major != EDDY_ABI_MAJOR || !EDDY_HAS(the_host, scratch)) return NULL;
  host = the_host;
  return &plugin;
}
