// SPDX-License-Identifier: Apache-2.0
// says: a transform must return a value, an optional, a vector, or an eddy::Result
#include "models.hpp"

#ifdef RIGHT
std::vector<B> f(const A&) { return {}; }
#else
NoModel f(const A&) { return {}; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
