// SPDX-License-Identifier: Apache-2.0
// says: a class with operator() must be constructible from const eddy::Config& or by default
#include "models.hpp"

#ifdef RIGHT
struct F {
  explicit F(const eddy::Config&) {}
  void operator()(const A&) {}
};
#else
struct F {
  explicit F(int) {}
  void operator()(const A&) {}
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
