/* SPDX-License-Identifier: Apache-2.0
 * A model that contains itself. */
#include "plugin.h"

static const eddy_model model;
static const eddy_type self = {sizeof(eddy_type), EDDY_TYPE_MODEL, NULL, &model, NULL, 0};
static const eddy_field fields[] = {{sizeof(eddy_field), 0, {"self", 4}, &self}};
static const eddy_model model = {sizeof(eddy_model), 1, sizeof(eddy_field), 0, {"Self", 4}, fields, NULL};

BAD_NOTE(self_model)

static uint32_t describe(const eddy_registrar* registrar, eddy_registry* registry) {
  const eddy_queue_decl queue = {sizeof queue, 0, bad_str("bad_self_model_dlq"), &model};
  return registrar->queue(registry, &queue);
}

BAD_ENTRY(describe)
