// SPDX-License-Identifier: Apache-2.0
// says: the second parameter of a function, if it has one, must be eddy::Context&
#include "models.hpp"

#ifdef RIGHT
B f(const A&, eddy::Context&) { return {}; }
#else
B f(const A&, int) { return {}; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
