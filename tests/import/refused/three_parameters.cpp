// SPDX-License-Identifier: Apache-2.0
// says: a function takes its input, and optionally eddy::Context& second
#include "models.hpp"

#ifdef RIGHT
B f(const A&, eddy::Context&) { return {}; }
#else
B f(const A&, eddy::Context&, int) { return {}; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
