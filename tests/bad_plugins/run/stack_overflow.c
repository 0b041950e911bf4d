/* SPDX-License-Identifier: Apache-2.0
 * Recurses without end. */
#include "plugin.h"

static int deeper(volatile int depth) {
  volatile char frame[512];
  frame[0] = (char)depth;
  return deeper(depth + 1) + frame[0];
}

BAD_RUN(stack_overflow, return (uint32_t)deeper(0);)
