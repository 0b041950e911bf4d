// SPDX-License-Identifier: Apache-2.0
// says: its source must be a dead letter queue, not a stream
#include "models.hpp"

#ifdef RIGHT
void f(const A&) {}
#else
void f(const eddy::DeadLetter<A>&) {}
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_consumer<f>();
  (void)b;
  (void)queue;
}
