// SPDX-License-Identifier: Apache-2.0
// says: a consumer must return void or eddy::Result<void>
#include "models.hpp"

#ifdef RIGHT
eddy::Result<void> f(const A&) { return {}; }
#else
A f(const A& x) { return x; }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_consumer<f>();
  (void)b;
  (void)queue;
}
