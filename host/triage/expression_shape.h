// SPDX-License-Identifier: Apache-2.0
// What is told of an expression by its text alone, before SQLite sees it.
#pragma once

#include <string_view>

#include "base/result.h"

namespace eddy::host::triage {

// kUsage: it is not one expression in balanced brackets, without comments, or it would gather rows, for which there is
// no other limit than memory: a sub-SELECT may look at letters one after another, for EXISTS or for one value, or give
// one column to IN.
Result<void> check_shape(std::string_view expression);

Error wrong_expression(std::string_view expression, std::string_view what);

}  // namespace eddy::host::triage
