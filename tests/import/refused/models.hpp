// SPDX-License-Identifier: Apache-2.0
// Not #pragma once: this file is also compiled by itself.
#ifndef EDDY_REFUSED_MODELS
#define EDDY_REFUSED_MODELS

#define EDDY_NO_JSON
#include <eddy/eddy.hpp>

struct A {
  int n = 0;
};
EDDY_MODEL(A, n)

struct B {
  int n = 0;
};
EDDY_MODEL(B, n)

struct NoModel {};

#endif
