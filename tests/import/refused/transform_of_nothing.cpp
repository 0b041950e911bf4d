// SPDX-License-Identifier: Apache-2.0
// says: a transform must return something; add_consumer is for functions that return void
#include "models.hpp"

#ifdef RIGHT
B f(const A&) { return {}; }
#else
void f(const A&) {}
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
