// SPDX-License-Identifier: Apache-2.0
// The four parts of the field table.
#pragma once

#include <vector>

#include "settings/fields.h"

namespace eddy::host {

std::vector<Field> top_fields();
std::vector<Field> function_fields();
std::vector<Field> queue_fields();
std::vector<Field> stream_fields();

}  // namespace eddy::host
