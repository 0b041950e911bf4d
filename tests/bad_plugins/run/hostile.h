/* SPDX-License-Identifier: Apache-2.0
 *
 * For plugins that reach for what is not theirs: what is refused becomes a failure of type "Refused". */
#ifndef EDDY_BAD_HOSTILE_H
#define EDDY_BAD_HOSTILE_H

#include <errno.h>
#include <stdio.h>

#include "plugin.h"

static inline uint32_t bad_refused(eddy_call* call, const char* what) {
  char text[128];
  snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
  bad_host->fail(call, EDDY_FAIL_PLAIN, bad_str("Refused"), bad_str(text));
  return EDDY_FAILED;
}

#endif
