// SPDX-License-Identifier: Apache-2.0
// Every type of the ABI in one shared object: its debug information is what abidw writes down and abidiff compares.
// C++, because there an enumeration without a name is a type of its own.
#include <eddy/abi.h>
#include <eddy/ext/state.h>

#define EVERY(type) EDDY_EXPORT type a_##type
#define KINDS(name, first) EDDY_EXPORT decltype(first) kinds_of_##name

extern "C" {

EVERY(eddy_str) = {};
EVERY(eddy_header) = {};
EVERY(eddy_type) = {};
EVERY(eddy_field) = {};
EVERY(eddy_value) = {};
EVERY(eddy_model) = {};
EVERY(eddy_record) = {};
EVERY(eddy_dead_letter) = {};
EVERY(eddy_input) = {};
EVERY(eddy_output) = {};
EVERY(eddy_host) = {};
EVERY(eddy_stream_decl) = {};
EVERY(eddy_queue_decl) = {};
EVERY(eddy_table_decl) = {};
EVERY(eddy_ingest_api_decl) = {};
EVERY(eddy_function_decl) = {};
EVERY(eddy_registrar) = {};
EVERY(eddy_plugin) = {};
EVERY(eddy_plugin_main_fn) = nullptr;
EVERY(eddy_state_writer) = {};
EVERY(eddy_state) = {};
EVERY(eddy_state_ext) = {};
EVERY(eddy_note_abi) = {};
EVERY(eddy_note_info) = {};

KINDS(types, EDDY_TYPE_BOOL) = EDDY_TYPE_BOOL;
KINDS(fields, EDDY_FIELD_KEY) = EDDY_FIELD_KEY;
KINDS(values, EDDY_VALUE_ABSENT) = EDDY_VALUE_ABSENT;
KINDS(endings, EDDY_OK) = EDDY_OK;
KINDS(failures, EDDY_FAIL_PLAIN) = EDDY_FAIL_PLAIN;
KINDS(outputs, EDDY_OUTPUT_KEY) = EDDY_OUTPUT_KEY;
KINDS(levels, EDDY_LOG_DEBUG) = EDDY_LOG_DEBUG;
KINDS(functions, EDDY_FUNCTION_TRANSFORM) = EDDY_FUNCTION_TRANSFORM;
KINDS(inputs, EDDY_INPUT_RECORD) = EDDY_INPUT_RECORD;

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host*) { return &a_eddy_plugin; }
}
