/* SPDX-License-Identifier: Apache-2.0
 * A plugin in C11 that uses all of ABI 1.0. The binary beside it was built with the first release and stays as it is.
 */
#include <eddy/abi.h>
#include <stdlib.h>
#include <string.h>

EDDY_DEFINE_ABI_NOTE(0);
EDDY_DEFINE_INFO_NOTE("abi_c", "1.0.0");

static const eddy_host* host;
static volatile int* volatile nowhere = (int*)8;

static eddy_str text(const char* literal) {
  eddy_str result = {literal, literal == NULL ? 0 : strlen(literal)};
  return result;
}

static int is(eddy_str value, const char* literal) {
  return value.data != NULL && value.size == strlen(literal) && memcmp(value.data, literal, value.size) == 0;
}

static uint32_t fail(eddy_call* call, uint32_t kind, const char* type, eddy_str message) {
  host->fail(call, kind, text(type), message);
  return EDDY_FAILED;
}

static eddy_output output_of(eddy_str value) {
  eddy_output output = {0};
  output.struct_size = sizeof output;
  output.value = value;
  return output;
}

/* ---- models: every kind of field ----------------------------------------------------------------------------------
 */

#define TYPE(name, kind) static const eddy_type name = {sizeof(eddy_type), kind, NULL, NULL, NULL, 0}
TYPE(bool_type, EDDY_TYPE_BOOL);
TYPE(i8_type, EDDY_TYPE_I8);
TYPE(i16_type, EDDY_TYPE_I16);
TYPE(i32_type, EDDY_TYPE_I32);
TYPE(i64_type, EDDY_TYPE_I64);
TYPE(u8_type, EDDY_TYPE_U8);
TYPE(u16_type, EDDY_TYPE_U16);
TYPE(u32_type, EDDY_TYPE_U32);
TYPE(u64_type, EDDY_TYPE_U64);
TYPE(f32_type, EDDY_TYPE_F32);
TYPE(f64_type, EDDY_TYPE_F64);
TYPE(string_type, EDDY_TYPE_STRING);
TYPE(time_type, EDDY_TYPE_TIMESTAMP);
TYPE(json_type, EDDY_TYPE_JSON);

static const eddy_str colours[] = {{"red", 3}, {"green", 5}};
static const eddy_type colour_type = {sizeof(eddy_type), EDDY_TYPE_ENUM, NULL, NULL, colours, 2};
static const eddy_type maybe_type = {sizeof(eddy_type), EDDY_TYPE_OPTIONAL, &string_type, NULL, NULL, 0};
static const eddy_type list_type = {sizeof(eddy_type), EDDY_TYPE_LIST, &i32_type, NULL, NULL, 0};
static const eddy_type map_type = {sizeof(eddy_type), EDDY_TYPE_MAP, &f64_type, NULL, NULL, 0};

#define FIELD(name, flags, type) \
  { sizeof(eddy_field), flags, {name, sizeof name - 1}, type }
static const eddy_field point_fields[] = {FIELD("x", 0, &i32_type), FIELD("y", 0, &i32_type)};
static const eddy_model point = {sizeof(eddy_model), 2, sizeof(eddy_field), 0, {"Point", 5}, point_fields, NULL};
static const eddy_type point_type = {sizeof(eddy_type), EDDY_TYPE_MODEL, NULL, &point, NULL, 0};

enum { AT_ID, AT_I32 = 4, AT_COUNT = 20 };
static const eddy_field every_fields[] = {
    FIELD("id", EDDY_FIELD_KEY | EDDY_FIELD_UNIQUE, &string_type),
    FIELD("yes", 0, &bool_type),
    FIELD("i8", 0, &i8_type),
    FIELD("i16", 0, &i16_type),
    FIELD("i32", 0, &i32_type),
    FIELD("i64", 0, &i64_type),
    FIELD("u8", 0, &u8_type),
    FIELD("u16", 0, &u16_type),
    FIELD("u32", 0, &u32_type),
    FIELD("u64", 0, &u64_type),
    FIELD("f32", 0, &f32_type),
    FIELD("f64", 0, &f64_type),
    FIELD("text", 0, &string_type),
    FIELD("time", 0, &time_type),
    FIELD("colour", 0, &colour_type),
    FIELD("point", 0, &point_type),
    FIELD("json", 0, &json_type),
    FIELD("maybe", 0, &maybe_type),
    FIELD("list", 0, &list_type),
    FIELD("map", 0, &map_type),
};

static uint32_t check_row(const eddy_value* row, eddy_call* call) {
  if (row[AT_ID].count > 0) return EDDY_OK;
  return fail(call, EDDY_FAIL_PLAIN, "ValidationError", text("id: expected a name, found an empty one"));
}
static const eddy_model every = {sizeof(eddy_model), AT_COUNT,     sizeof(eddy_field), 0,
                                 {"Every", 5},       every_fields, check_row};

/* ---- functions ----------------------------------------------------------------------------------------------------
 */

/* Bytes in, bytes out, with everything an output can say; each kind of failure. */
static uint32_t copy(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  const eddy_record* record = input->record;
  const eddy_str value = record->value;
  eddy_header headers[2];
  eddy_output output = output_of(value);
  (void)instance;
  if (user != (void*)&host) return fail(call, EDDY_FAIL_PLAIN, "NoUser", text("user is another pointer"));
  if (value.data == NULL || is(value, "filter")) return EDDY_FILTERED;
  if (is(value, "plain")) return fail(call, EDDY_FAIL_PLAIN, "PlainError", text("a plain failure"));
  if (is(value, "retryable")) return fail(call, EDDY_FAIL_RETRYABLE, "RetryableError", text("try again"));
  if (is(value, "fatal")) return fail(call, EDDY_FAIL_FATAL, "FatalError", text("never again"));
  if (is(value, "silent")) return EDDY_FAILED;
  if (is(value, "half")) { /* what was emitted is dropped */
    if (host->emit(call, &output) != EDDY_OK) return EDDY_FAILED;
    return fail(call, EDDY_FAIL_PLAIN, "HalfError", text("one output, then a failure"));
  }
  if (is(value, "segv")) *nowhere = 1;
  if (is(value, "simple")) return host->emit(call, &output);
  headers[0].name = text("copied-by");
  headers[0].value = text("abi_c");
  headers[1].name = text("null");
  headers[1].value = text(NULL);
  output.flags = EDDY_OUTPUT_KEY | EDDY_OUTPUT_HEADERS | EDDY_OUTPUT_TIMESTAMP | EDDY_OUTPUT_PARTITION;
  output.key = text("key");
  output.headers = headers;
  output.header_count = 2;
  output.timestamp_us = 4102444800000000;
  output.partition = 1;
  return host->emit(call, &output);
}

/* JSON text to a row and back, by the host. */
static uint32_t recode(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  const eddy_value* row = NULL;
  eddy_str type, message, json;
  eddy_output output;
  (void)user;
  (void)instance;
  if (host->decode(call, &point, input->record->value, &row, &type, &message) != EDDY_OK) {
    host->fail(call, EDDY_FAIL_PLAIN, type, message);
    return EDDY_FAILED;
  }
  if (host->encode(call, &point, row, &json, &message) != EDDY_OK) {
    return fail(call, EDDY_FAIL_PLAIN, "EncodeError", message);
  }
  output = output_of(json);
  return host->emit(call, &output);
}

/* Rows in, rows out, by an instance that has a configuration. */
typedef struct counter {
  int32_t added;
  int32_t calls;
} counter;

static uint32_t create(void* user, eddy_call* call, eddy_str config, void** instance) {
  counter* made = calloc(1, sizeof *made);
  (void)user;
  if (made == NULL) return fail(call, EDDY_FAIL_PLAIN, "NoMemory", text("no memory"));
  if (host->extension("eddy.nothing/1") != NULL || host->now_us() < 1700000000000000) {
    free(made);
    return fail(call, EDDY_FAIL_PLAIN, "HostError", text("an extension that nobody has, or a clock that stands"));
  }
  made->added = config.size > 2 ? 1000 : 1; /* {}: without a configuration */
  host->log(EDDY_LOG_INFO, text("abi_c makes an instance"));
  *instance = made;
  return EDDY_OK;
}

static void destroy(void* user, void* instance) {
  (void)user;
  free(instance);
}

static uint32_t add(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  counter* self = instance;
  eddy_value* row = host->scratch(call, sizeof(eddy_value) * AT_COUNT);
  eddy_output output = output_of(text(NULL));
  (void)user;
  if (row == NULL || input->row == NULL || input->field_count != AT_COUNT || host->cancelled(call) != 0) {
    return fail(call, EDDY_FAIL_PLAIN, "HostError", text("no row, no scratch memory, or a call that is cancelled"));
  }
  memcpy(row, input->row, sizeof(eddy_value) * AT_COUNT);
  if (check_row(row, call) != EDDY_OK) return EDDY_FAILED;
  row[AT_I32].as.i64 += self->added;
  ++self->calls;
  output.model = &every;
  output.row = row;
  return host->emit(call, &output);
}

/* Each record to both streams; "nowhere" to a stream that is not there. */
static uint32_t route(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  eddy_output output = output_of(input->record->value);
  (void)user;
  (void)instance;
  output.stream = text("abi_c_left");
  if (host->emit(call, &output) != EDDY_OK) return EDDY_FAILED;
  output.stream = text(is(input->record->value, "nowhere") ? "abi_c_nowhere" : "abi_c_right");
  return host->emit(call, &output);
}

static uint32_t consume(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  (void)user;
  (void)instance;
  (void)call;
  return is(input->record->value, "{\"ok\":true}") ? EDDY_OK
                                                   : fail(call, EDDY_FAIL_PLAIN, "Refused", text("it is not ok"));
}

/* Brings plain failures back. */
static uint32_t recover(void* user, void* instance, const eddy_input* input, eddy_call* call) {
  const eddy_dead_letter* letter = input->dead_letter;
  eddy_output output = output_of(text("brought back"));
  (void)user;
  (void)instance;
  if (letter == NULL || letter->attempts < 1 || letter->id.size == 0 || letter->fingerprint.size == 0 ||
      letter->failed_at_us <= 0 || letter->origin_stream.data == NULL ||
      !(is(letter->source, "api") || is(letter->source, "transform") || is(letter->source, "table"))) {
    return fail(call, EDDY_FAIL_PLAIN, "HostError", text("a dead letter without one of its members"));
  }
  if (!is(letter->error_type, "PlainError") || !is(letter->original, "plain")) return EDDY_FILTERED;
  if (!is(letter->error_message, "a plain failure")) return EDDY_FILTERED;
  return host->emit(call, &output);
}

/* ---- what is declared ---------------------------------------------------------------------------------------------
 */

static uint32_t stream(const eddy_registrar* to, eddy_registry* registry, const char* name, const eddy_model* model,
                       const char* queue, const char* table) {
  eddy_stream_decl decl = {0};
  decl.struct_size = sizeof decl;
  decl.partitions = model == NULL ? 2 : 1;
  decl.retention_days = 3;
  decl.name = text(name);
  decl.model = model;
  decl.dead_letter_queue = text(queue);
  decl.destination = text(table);
  return to->stream(registry, &decl);
}

static eddy_function_decl function(uint32_t kind, uint32_t input, const char* name, const char* from,
                                   const char* into) {
  eddy_function_decl decl = {0};
  decl.struct_size = sizeof decl;
  decl.kind = kind;
  decl.input = input;
  decl.concurrency = 1;
  decl.name = text(name);
  decl.source = text(from);
  decl.destination = text(into);
  return decl;
}

static uint32_t declare_streams(const eddy_registrar* to, eddy_registry* registry) {
  uint32_t failed = 0;
  failed |= stream(to, registry, "abi_c_bytes", NULL, "abi_c_failed", NULL);
  failed |= stream(to, registry, "abi_c_copied", NULL, NULL, NULL);
  failed |= stream(to, registry, "abi_c_points", NULL, "abi_c_failed", NULL);
  failed |= stream(to, registry, "abi_c_recoded", &point, NULL, NULL);
  failed |= stream(to, registry, "abi_c_rows", &every, "abi_c_failed", NULL);
  failed |= stream(to, registry, "abi_c_added", &every, "abi_c_failed", "abi_c_table");
  failed |= stream(to, registry, "abi_c_left", NULL, NULL, NULL);
  failed |= stream(to, registry, "abi_c_right", NULL, NULL, NULL);
  failed |= stream(to, registry, "abi_c_recovered", NULL, NULL, NULL);
  return failed;
}

static uint32_t declare_ends(const eddy_registrar* to, eddy_registry* registry) {
  eddy_queue_decl queue = {sizeof queue, 9, text("abi_c_failed"), NULL};
  eddy_table_decl table = {sizeof table, 0, text("abi_c_table"), &every};
  eddy_ingest_api_decl api = {sizeof api,          0, text("abi_c_api"), text("v1"), &every, text("abi_c_rows"),
                              text("abi_c_failed")};
  return to->queue(registry, &queue) | to->table(registry, &table) | to->ingest_api(registry, &api);
}

static uint32_t describe(const eddy_registrar* to, eddy_registry* registry) {
  eddy_function_decl f;
  uint32_t failed = declare_streams(to, registry) | declare_ends(to, registry);
  f = function(EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "abi_c_copy", "abi_c_bytes", "abi_c_copied");
  f.user = (void*)&host;
  f.process = copy;
  failed |= to->function(registry, &f);
  f = function(EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_JSON, "abi_c_recode", "abi_c_points", "abi_c_recoded");
  f.output_model = &point;
  f.process = recode;
  failed |= to->function(registry, &f);
  f = function(EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_ROW, "abi_c_add", "abi_c_rows", "abi_c_added");
  f.input_model = &every;
  f.output_model = &every;
  f.create = create;
  f.destroy = destroy;
  f.process = add;
  failed |= to->function(registry, &f);
  f = function(EDDY_FUNCTION_MULTI_TRANSFORM, EDDY_INPUT_RECORD, "abi_c_route", "abi_c_bytes", NULL);
  f.process = route;
  failed |= to->function(registry, &f);
  f = function(EDDY_FUNCTION_CONSUMER, EDDY_INPUT_JSON, "abi_c_consume", "abi_c_points", NULL);
  f.process = consume;
  failed |= to->function(registry, &f);
  f = function(EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_DEAD_LETTER, "abi_c_recover", "abi_c_failed", "abi_c_recovered");
  f.process = recover;
  failed |= to->function(registry, &f);
  if (failed != EDDY_OK) to->fail(registry, text("Declaration"), text("the host did not take it all"));
  return failed == 0 ? EDDY_OK : EDDY_FAILED;
}

static const void* extension(const char* name) {
  (void)name;
  return NULL;
}

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* the_host) {
  static const eddy_plugin plugin = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, describe, extension};
  if (the_host == NULL || the_host->abi_major != EDDY_ABI_MAJOR || !EDDY_HAS(the_host, extension)) return NULL;
  host = the_host;
  return &plugin;
}
