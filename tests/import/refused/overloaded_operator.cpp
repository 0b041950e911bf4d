// SPDX-License-Identifier: Apache-2.0
// says: a class with exactly one operator() that is not a template
#include "models.hpp"

#ifdef RIGHT
struct F {
  void operator()(const A&) {}
};
#else
struct F {
  void operator()(const A&) {}
  void operator()(const B&) {}
};
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_consumer<F>();
  (void)b;
  (void)queue;
}
