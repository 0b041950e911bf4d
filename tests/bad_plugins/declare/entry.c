/* SPDX-License-Identifier: Apache-2.0
 * What the entry function gives back is not a plugin: ENTRY is the expression. */
#include "plugin.h"

BAD_NOTE(entry)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  (void)registrar;
  (void)registry;
  return EDDY_OK;
}

static const eddy_plugin disagrees = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 3, describe, NULL};
static const eddy_plugin no_describe = {sizeof(eddy_plugin), EDDY_ABI_MAJOR, 0, NULL, NULL};
static const eddy_plugin small = {8, EDDY_ABI_MAJOR, 0, describe, NULL};

EDDY_EXPORT const eddy_plugin* EDDY_PLUGIN_MAIN(const eddy_host* host) {
  (void)host;
  (void)disagrees;
  (void)no_describe;
  (void)small;
  return ENTRY;
}
