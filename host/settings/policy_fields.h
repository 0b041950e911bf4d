// SPDX-License-Identifier: Apache-2.0
// The keys of the failure policies.
#pragma once

#include <vector>

#include "settings/fields.h"

namespace eddy::host {

void add_retry(std::vector<Field>& all);
void add_breaker(std::vector<Field>& all);
// Those that a function and a queue have alike.
void add_function_limits(std::vector<Field>& all);
void add_queue_limits(std::vector<Field>& all);

}  // namespace eddy::host
