// SPDX-License-Identifier: Apache-2.0
// What all workers of a function share of its policies.
#pragma once

#include "function/policy/breaker.h"
#include "function/policy/letter_limit.h"

namespace eddy::host {

struct FunctionPolicies {
  Breaker breaker;
  LetterLimit limit;
};

}  // namespace eddy::host
