/* SPDX-License-Identifier: Apache-2.0
 *
 * Where every member of every struct of the ABI lies, and what every constant is. Compiled with every build, as C11 and
 * as C++20: a line that fails names a change that breaks plugins which are out there.
 *
 * A line that stands here in a release is never changed and never taken out within a major. A new minor adds lines for
 * what it appends, and raises the size of the struct that it appends to. See VERSIONING.md.
 */
#include <eddy/abi.h>
#include <eddy/ext/state.h>

#ifdef __cplusplus
#define EDDY_CHECK(what, text) static_assert(what, text)
#else
#define EDDY_CHECK(what, text) _Static_assert(what, text)
#endif
#define SIZE(type, size) EDDY_CHECK(sizeof(type) == (size), "the size of " #type " has changed: see VERSIONING.md")
#define AT(type, member, offset) \
  EDDY_CHECK(offsetof(type, member) == (offset), #type "." #member " has moved: see VERSIONING.md")
#define IS(name, value) EDDY_CHECK((name) == (value), #name " has another value: see VERSIONING.md")

/* The layout below is that of a 64-bit machine: data and function pointers of 8 bytes. */
EDDY_CHECK(sizeof(void*) == 8 && sizeof(size_t) == 8, "the ABI is defined for 64-bit machines");

/* Frozen for the whole major: they are passed in arrays, or read from a file. */

SIZE(eddy_str, 16);
AT(eddy_str, data, 0);
AT(eddy_str, size, 8);

SIZE(eddy_header, 32);
AT(eddy_header, name, 0);
AT(eddy_header, value, 16);

SIZE(eddy_value, 16);
AT(eddy_value, kind, 0);
AT(eddy_value, count, 4);
AT(eddy_value, as, 8);

SIZE(eddy_note_abi, 44);
AT(eddy_note_abi, name_size, 0);
AT(eddy_note_abi, desc_size, 4);
AT(eddy_note_abi, type, 8);
AT(eddy_note_abi, name, 12);
AT(eddy_note_abi, abi_major, 20);
AT(eddy_note_abi, abi_minor_required, 22);
AT(eddy_note_abi, flags, 24);
AT(eddy_note_abi, sdk_version, 28);

SIZE(eddy_note_info, 116);
AT(eddy_note_info, name_size, 0);
AT(eddy_note_info, desc_size, 4);
AT(eddy_note_info, type, 8);
AT(eddy_note_info, name, 12);
AT(eddy_note_info, plugin_name, 20);
AT(eddy_note_info, plugin_version, 84);

/* They grow by appending. */

SIZE(eddy_type, 40);
AT(eddy_type, struct_size, 0);
AT(eddy_type, kind, 4);
AT(eddy_type, element, 8);
AT(eddy_type, model, 16);
AT(eddy_type, symbols, 24);
AT(eddy_type, symbol_count, 32);

SIZE(eddy_field, 32);
AT(eddy_field, struct_size, 0);
AT(eddy_field, flags, 4);
AT(eddy_field, name, 8);
AT(eddy_field, type, 24);

SIZE(eddy_model, 48);
AT(eddy_model, struct_size, 0);
AT(eddy_model, field_count, 4);
AT(eddy_model, field_stride, 8);
AT(eddy_model, reserved, 12);
AT(eddy_model, name, 16);
AT(eddy_model, fields, 32);
AT(eddy_model, validate, 40);

SIZE(eddy_record, 88);
AT(eddy_record, struct_size, 0);
AT(eddy_record, partition, 4);
AT(eddy_record, offset, 8);
AT(eddy_record, timestamp_us, 16);
AT(eddy_record, stream, 24);
AT(eddy_record, key, 40);
AT(eddy_record, value, 56);
AT(eddy_record, headers, 72);
AT(eddy_record, header_count, 80);

SIZE(eddy_dead_letter, 160);
AT(eddy_dead_letter, struct_size, 0);
AT(eddy_dead_letter, attempts, 4);
AT(eddy_dead_letter, hops, 8);
AT(eddy_dead_letter, origin_partition, 12);
AT(eddy_dead_letter, origin_offset, 16);
AT(eddy_dead_letter, failed_at_us, 24);
AT(eddy_dead_letter, id, 32);
AT(eddy_dead_letter, fingerprint, 48);
AT(eddy_dead_letter, error_type, 64);
AT(eddy_dead_letter, error_message, 80);
AT(eddy_dead_letter, source, 96);
AT(eddy_dead_letter, function, 112);
AT(eddy_dead_letter, origin_stream, 128);
AT(eddy_dead_letter, original, 144);

SIZE(eddy_input, 32);
AT(eddy_input, struct_size, 0);
AT(eddy_input, field_count, 4);
AT(eddy_input, record, 8);
AT(eddy_input, row, 16);
AT(eddy_input, dead_letter, 24);

SIZE(eddy_output, 104);
AT(eddy_output, struct_size, 0);
AT(eddy_output, flags, 4);
AT(eddy_output, stream, 8);
AT(eddy_output, key, 24);
AT(eddy_output, value, 40);
AT(eddy_output, model, 56);
AT(eddy_output, row, 64);
AT(eddy_output, headers, 72);
AT(eddy_output, header_count, 80);
AT(eddy_output, timestamp_us, 88);
AT(eddy_output, partition, 96);
AT(eddy_output, reserved, 100);

SIZE(eddy_host, 80);
AT(eddy_host, struct_size, 0);
AT(eddy_host, abi_major, 4);
AT(eddy_host, abi_minor, 6);
AT(eddy_host, emit, 8);
AT(eddy_host, fail, 16);
AT(eddy_host, scratch, 24);
AT(eddy_host, decode, 32);
AT(eddy_host, encode, 40);
AT(eddy_host, cancelled, 48);
AT(eddy_host, log, 56);
AT(eddy_host, now_us, 64);
AT(eddy_host, extension, 72);

SIZE(eddy_stream_decl, 72);
AT(eddy_stream_decl, struct_size, 0);
AT(eddy_stream_decl, partitions, 4);
AT(eddy_stream_decl, retention_days, 8);
AT(eddy_stream_decl, reserved, 12);
AT(eddy_stream_decl, name, 16);
AT(eddy_stream_decl, model, 32);
AT(eddy_stream_decl, dead_letter_queue, 40);
AT(eddy_stream_decl, destination, 56);

SIZE(eddy_queue_decl, 32);
AT(eddy_queue_decl, struct_size, 0);
AT(eddy_queue_decl, retention_days, 4);
AT(eddy_queue_decl, name, 8);
AT(eddy_queue_decl, model, 24);

SIZE(eddy_table_decl, 32);
AT(eddy_table_decl, struct_size, 0);
AT(eddy_table_decl, flags, 4);
AT(eddy_table_decl, name, 8);
AT(eddy_table_decl, model, 24);

SIZE(eddy_ingest_api_decl, 80);
AT(eddy_ingest_api_decl, struct_size, 0);
AT(eddy_ingest_api_decl, flags, 4);
AT(eddy_ingest_api_decl, name, 8);
AT(eddy_ingest_api_decl, version, 24);
AT(eddy_ingest_api_decl, model, 40);
AT(eddy_ingest_api_decl, destination, 48);
AT(eddy_ingest_api_decl, dead_letter_queue, 64);

SIZE(eddy_function_decl, 128);
AT(eddy_function_decl, struct_size, 0);
AT(eddy_function_decl, kind, 4);
AT(eddy_function_decl, input, 8);
AT(eddy_function_decl, concurrency, 12);
AT(eddy_function_decl, name, 16);
AT(eddy_function_decl, source, 32);
AT(eddy_function_decl, destination, 48);
AT(eddy_function_decl, dead_letter_queue, 64);
AT(eddy_function_decl, input_model, 80);
AT(eddy_function_decl, output_model, 88);
AT(eddy_function_decl, user, 96);
AT(eddy_function_decl, create, 104);
AT(eddy_function_decl, destroy, 112);
AT(eddy_function_decl, process, 120);

SIZE(eddy_registrar, 56);
AT(eddy_registrar, struct_size, 0);
AT(eddy_registrar, reserved, 4);
AT(eddy_registrar, stream, 8);
AT(eddy_registrar, queue, 16);
AT(eddy_registrar, table, 24);
AT(eddy_registrar, ingest_api, 32);
AT(eddy_registrar, function, 40);
AT(eddy_registrar, fail, 48);

SIZE(eddy_plugin, 24);
AT(eddy_plugin, struct_size, 0);
AT(eddy_plugin, abi_major, 4);
AT(eddy_plugin, abi_minor_required, 6);
AT(eddy_plugin, describe, 8);
AT(eddy_plugin, extension, 16);

/* Extension eddy.state/1. They grow by appending. */

SIZE(eddy_state_writer, 16);
AT(eddy_state_writer, struct_size, 0);
AT(eddy_state_writer, reserved, 4);
AT(eddy_state_writer, write, 8);

SIZE(eddy_state, 24);
AT(eddy_state, struct_size, 0);
AT(eddy_state, version, 4);
AT(eddy_state, save, 8);
AT(eddy_state, load, 16);

SIZE(eddy_state_ext, 16);
AT(eddy_state_ext, struct_size, 0);
AT(eddy_state_ext, reserved, 4);
AT(eddy_state_ext, of, 8);

/* Constants: never another value, never gone. */

IS(EDDY_ABI_MAJOR, 1);
IS(EDDY_NOTE_ABI, 1);
IS(EDDY_NOTE_INFO, 2);
EDDY_CHECK(sizeof EDDY_NOTE_NAME == 5, "the note's name has changed: see VERSIONING.md");
EDDY_CHECK(sizeof EDDY_PLUGIN_MAIN_NAME == sizeof "eddy_plugin_main_v1",
           "the entry's name has changed: see VERSIONING.md");

IS(EDDY_TYPE_BOOL, 1);
IS(EDDY_TYPE_I8, 2);
IS(EDDY_TYPE_I16, 3);
IS(EDDY_TYPE_I32, 4);
IS(EDDY_TYPE_I64, 5);
IS(EDDY_TYPE_U8, 6);
IS(EDDY_TYPE_U16, 7);
IS(EDDY_TYPE_U32, 8);
IS(EDDY_TYPE_U64, 9);
IS(EDDY_TYPE_F32, 10);
IS(EDDY_TYPE_F64, 11);
IS(EDDY_TYPE_STRING, 12);
IS(EDDY_TYPE_TIMESTAMP, 13);
IS(EDDY_TYPE_ENUM, 14);
IS(EDDY_TYPE_MODEL, 15);
IS(EDDY_TYPE_JSON, 16);
IS(EDDY_TYPE_OPTIONAL, 17);
IS(EDDY_TYPE_LIST, 18);
IS(EDDY_TYPE_MAP, 19);

IS(EDDY_FIELD_KEY, 1);
IS(EDDY_FIELD_UNIQUE, 2);

IS(EDDY_VALUE_ABSENT, 0);
IS(EDDY_VALUE_BOOL, 1);
IS(EDDY_VALUE_I64, 2);
IS(EDDY_VALUE_U64, 3);
IS(EDDY_VALUE_F64, 4);
IS(EDDY_VALUE_STRING, 5);
IS(EDDY_VALUE_TIMESTAMP, 6);
IS(EDDY_VALUE_ENUM, 7);
IS(EDDY_VALUE_ROW, 8);
IS(EDDY_VALUE_LIST, 9);
IS(EDDY_VALUE_MAP, 10);
IS(EDDY_VALUE_JSON, 11);

IS(EDDY_OK, 0);
IS(EDDY_FILTERED, 1);
IS(EDDY_FAILED, 2);

IS(EDDY_FAIL_PLAIN, 0);
IS(EDDY_FAIL_RETRYABLE, 1);
IS(EDDY_FAIL_FATAL, 2);
IS(EDDY_FAIL_DEPENDENCY_DOWN, 3);

IS(EDDY_OUTPUT_KEY, 1);
IS(EDDY_OUTPUT_HEADERS, 2);
IS(EDDY_OUTPUT_TIMESTAMP, 4);
IS(EDDY_OUTPUT_PARTITION, 8);

IS(EDDY_LOG_DEBUG, 0);
IS(EDDY_LOG_INFO, 1);
IS(EDDY_LOG_WARN, 2);
IS(EDDY_LOG_ERROR, 3);

IS(EDDY_FUNCTION_TRANSFORM, 1);
IS(EDDY_FUNCTION_CONSUMER, 2);
IS(EDDY_FUNCTION_MULTI_TRANSFORM, 3);

IS(EDDY_INPUT_RECORD, 1);
IS(EDDY_INPUT_JSON, 2);
IS(EDDY_INPUT_ROW, 3);
IS(EDDY_INPUT_DEAD_LETTER, 4);
