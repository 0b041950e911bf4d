/* SPDX-License-Identifier: Apache-2.0
 * Hands the host a pointer to nowhere. */
#include "plugin.h"

BAD_NOTE(bad_pointer)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  return registrar->stream(registry, (const eddy_stream_decl*)16);
}

BAD_ENTRY(describe)
