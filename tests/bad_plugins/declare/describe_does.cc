// SPDX-License-Identifier: Apache-2.0
// describe does something terrible: the statement DOES.
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "plugin.h"

BAD_NOTE(describe_does)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  (void)registrar;
  (void)registry;
  volatile int* const nowhere = nullptr;
  volatile bool always = true;
  (void)nowhere;
  (void)always;
  DOES;
  return EDDY_OK;
}

BAD_ENTRY(describe)
