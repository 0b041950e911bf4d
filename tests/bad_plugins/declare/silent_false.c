/* SPDX-License-Identifier: Apache-2.0
 * Says no with a status of its own invention, and not why. */
#include "plugin.h"

BAD_NOTE(silent_false)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  (void)registrar;
  (void)registry;
  return 77;
}

BAD_ENTRY(describe)
