// SPDX-License-Identifier: Apache-2.0
// says: a field of an EDDY_MODEL must be bool, an integer
#include "models.hpp"

#ifdef RIGHT
struct C {
  int n;
};
EDDY_MODEL(C, n) B f(const C&) { return {}; }
#else
struct C {
  int* n;
};
EDDY_MODEL(C, n) B f(const C&) { return {}; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  app.stream<C>("c").add_transform<f>(b);
  (void)b;
  (void)queue;
}
