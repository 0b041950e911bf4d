// SPDX-License-Identifier: Apache-2.0
// says: a function over a dead letter queue takes const eddy::DeadLetter<T>&
#include "models.hpp"

#ifdef RIGHT
void f(const eddy::DeadLetter<A>&) {}
#else
void f(const A&) {}
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  queue.add_consumer<f>();
  (void)b;
  (void)queue;
}
