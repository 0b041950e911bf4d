// SPDX-License-Identifier: Apache-2.0
// says: the transform returns another model than its destination stream carries
#include "models.hpp"

#ifdef RIGHT
eddy::Result<B> f(const A&) { return B{}; }
#else
A f(const A& x) { return x; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
