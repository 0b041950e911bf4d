// SPDX-License-Identifier: Apache-2.0
// says: the function takes another model than its source stream carries
#include "models.hpp"

#ifdef RIGHT
B f(const A&) { return {}; }
#else
B f(const B&) { return {}; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_transform<f>(b);
  (void)b;
  (void)queue;
}
