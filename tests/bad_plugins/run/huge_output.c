/* SPDX-License-Identifier: Apache-2.0
 * Emits one record of 128 MiB. */
#include <stdlib.h>

#include "plugin.h"

static uint32_t emit_huge(eddy_call* call) {
  const uint64_t size = (uint64_t)128 << 20;
  eddy_output output;
  memset(&output, 0, sizeof output);
  output.struct_size = sizeof output;
  char* const block = (char*)calloc(1, size);
  output.value.data = block;
  output.value.size = size;
  const uint32_t status = bad_host->emit(call, &output);
  free(block);
  return status;
}

BAD_RUN(huge_output, return emit_huge(call);)
