// SPDX-License-Identifier: Apache-2.0
// The parts of the field table.
#pragma once

#include <vector>

#include "settings/fields.h"

namespace eddy::host {

std::vector<Field> top_fields();
std::vector<Field> function_fields();
std::vector<Field> queue_fields();
std::vector<Field> stream_fields();
std::vector<Field> table_fields();
std::vector<Field> token_fields();
std::vector<Field> admin_token_fields();
std::vector<Field> webhook_fields();

// Parts of top_fields().
void add_plugins(std::vector<Field>& all);
void add_admin(std::vector<Field>& all);
void add_ingest(std::vector<Field>& all);
void add_tables(std::vector<Field>& all);
void add_push(std::vector<Field>& all);

}  // namespace eddy::host
