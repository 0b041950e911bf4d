// SPDX-License-Identifier: Apache-2.0
// says: a multi-transform must return eddy::Routed
#include "models.hpp"

#ifdef RIGHT
eddy::Routed f(const A& x) { return eddy::routed("a", x); }
#else
A f(const A& x) { return x; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_multi_transform<f>();
  (void)b;
  (void)queue;
}
