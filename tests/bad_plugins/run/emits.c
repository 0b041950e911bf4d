/* SPDX-License-Identifier: Apache-2.0
 * Emits what the host cannot take: OUTPUT is a statement that spoils `output`; the result of emit is ignored. */
#include "plugin.h"

static void emit_spoilt(eddy_call* call) {
  eddy_output output;
  memset(&output, 0, sizeof output);
  output.struct_size = sizeof output;
  output.value = bad_str("x");
  OUTPUT;
  bad_host->emit(call, &output);
}

BAD_RUN(EMITS, emit_spoilt(call); return EDDY_OK;)
