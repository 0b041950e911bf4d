// SPDX-License-Identifier: Apache-2.0
// says: the function takes dead letters of another model than its queue holds
#include "models.hpp"

#ifdef RIGHT
void f(const eddy::DeadLetter<>&) {}
#else
void f(const eddy::DeadLetter<B>&) {}
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  queue.add_consumer<f>();
  (void)b;
  (void)queue;
}
