// SPDX-License-Identifier: Apache-2.0
#pragma once
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
