/* SPDX-License-Identifier: Apache-2.0
 * Says no, and why. */
#include "plugin.h"

BAD_NOTE(init_false)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  registrar->fail(registry, bad_str("LicenceError"), bad_str("no licence on this machine"));
  return EDDY_FAILED;
}

BAD_ENTRY(describe)
